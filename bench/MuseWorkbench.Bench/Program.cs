using MuseWorkbench.Bench;
using MuseWorkbench.Bench.Compare;
using MuseWorkbench.Bench.Flips;
using MuseWorkbench.Bench.Pool;
using MuseWorkbench.Bench.Strategies;
using MuseWorkbench.Engine;

try
{
    switch (args.FirstOrDefault())
    {
        case "agents":
            var options = BenchOptions.Parse(args[1..]);
            var report = await AgentsBenchmark.RunAsync(options, CancellationToken.None);
            Console.WriteLine(options.Json ? report.ToJson() : report.ToTable());
            return 0;
        case "compare":
            Console.WriteLine((await CompareBenchmark.RunAsync(CompareOptions.Parse(args[1..]), Console.Error.WriteLine, CancellationToken.None)).ToTable());
            return 0;
        case "endurance":
            Console.WriteLine(await Endurance.RunAsync(BenchOptions.Parse(args[1..]), CancellationToken.None));
            return 0;
        case "decode":
            Console.WriteLine(await DecodeBenchmark.RunAsync(CompareOptions.Parse(args[1..]), CancellationToken.None));
            return 0;
        case "strategies":
            Console.WriteLine((await StrategyBenchmark.RunAsync(StrategyBenchOptions.Parse(args[1..]), Console.Error.WriteLine, CancellationToken.None)).ToTables());
            return 0;
        case "fit":
            Console.WriteLine(FitBenchmark.Run(CancellationToken.None));
            return 0;
        case "pool":
            var pool = PoolBenchOptions.Parse(args[1..]);
            Console.WriteLine(PoolBenchmark.ToTable(pool, PoolBenchmark.Run(pool, Console.Error.WriteLine)));
            return 0;
        case "nodes":
            var count = args.Length == 1 ? 120 : args is [_, "--runs", var number] && int.TryParse(number, out var asked) && asked > 0 ? asked : throw new ArgumentException("usage: nodes [--runs 120]");
            Console.WriteLine(await NodesBenchmark.RunAsync(count, Console.Error.WriteLine, CancellationToken.None));
            return 0;
        case "flips":
            var flips = FlipOptions.Parse(args);
            if (flips.Child)
            {
                FlipChild.Run(flips);
                return 0;
            }

            var flipped = await FlipRun.RunAsync(flips, CancellationToken.None);
            Console.WriteLine(flips.Json ? flipped.ToJson() : flipped.ToTable());
            return flipped.Crashes.Count == 0 ? 0 : 1;
        default:
            throw new ArgumentException("Name the benchmark: agents, compare, decode, endurance, fit, flips, nodes, pool or strategies.");
    }
}
catch (ArgumentException error)
{
    Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine(BenchOptions.Usage);
    Console.Error.WriteLine(CompareOptions.Usage);
    Console.Error.WriteLine(FlipOptions.Usage);
    Console.Error.WriteLine(PoolBenchOptions.Usage);
    Console.Error.WriteLine(StrategyBenchOptions.Usage);
    return 2;
}
catch (EngineLoadException error)
{
    Console.Error.WriteLine(error.Message);
    return 3;
}
