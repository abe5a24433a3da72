using MuseWorkbench.Bench;
using MuseWorkbench.Bench.Flips;
using MuseWorkbench.Engine;

try
{
    if (args is ["flips", ..])
    {
        var flips = FlipOptions.Parse(args);
        if (flips.Child)
        {
            FlipChild.Run(flips);
            return 0;
        }

        var flipped = await FlipRun.RunAsync(flips, CancellationToken.None);
        Console.WriteLine(flips.Json ? flipped.ToJson() : flipped.ToTable());
        return flipped.Crashes.Count == 0 ? 0 : 1;
    }

    var options = BenchOptions.Parse(args);
    var report = await AgentsBenchmark.RunAsync(options, CancellationToken.None);
    Console.WriteLine(options.Json ? report.ToJson() : report.ToTable());
    return 0;
}
catch (ArgumentException error)
{
    Console.Error.WriteLine(error.Message);
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}
catch (EngineLoadException error)
{
    Console.Error.WriteLine(error.Message);
    return 3;
}
