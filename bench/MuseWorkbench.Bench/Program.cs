using MuseWorkbench.Bench;
using MuseWorkbench.Engine;

try
{
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
