using System.Globalization;
using System.Text.Json;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Machine;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Fitting;

/// <summary><c>devices [--json] [--Engine:NativeDirectory=FOLDER]</c>: says what a model could be computed on here.</summary>
internal static class DevicesCommand
{
    public const string Name = "devices";

    private const string Json = "--json";

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        try
        {
            var configuration = EngineConfiguration.FromCommandLine(args.Where(arg => arg != Json));
            var report = MachineReport.Take(configuration["Engine:NativeDirectory"] is { Length: > 0 } folder ? folder : null);
            await output.WriteLineAsync(args.Contains(Json) ? JsonSerializer.Serialize(report, JsonSerializerOptions.Web) : Describe(report));
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is RuntimeLoadException or DllNotFoundException or FormatException)
        {
            await errors.WriteLineAsync(e.Message);
            return ExitCodes.CannotStart;
        }
    }

    private static string Describe(MachineReport report)
    {
        var cpu = report.Cpu;
        List<string> lines =
        [
            $"Processor   {cpu.Name ?? "unknown"}: {(cpu.Cores is { } cores ? $"{cores} cores, " : "")}{cpu.Usable} processors usable{(cpu.Nodes > 1 ? $", {cpu.Nodes} NUMA nodes" : "")}; {cpu.Threads} compute threads where none are set",
            .. report.Devices.Select(device => $"{device.Name,-11} {device.Description} ({device.Type}): {Gib(device.Free)} of {Gib(device.Total)} GiB free"),
        ];
        if (report.Nvidia is { } nvidia)
        {
            lines.Add($"NVIDIA      driver {nvidia.Driver}");
            lines.AddRange(nvidia.Gpus.Select((gpu, i) => $"  GPU {i,-5} {gpu.Name}: {Gib(gpu.Free)} of {Gib(gpu.Total)} GiB free{(gpu.Busy is { } busy ? $", {busy} % busy" : "")}"));
        }

        if (report.Unused is { } unused)
        {
            lines.Add(unused);
        }

        return string.Join(Environment.NewLine, lines);
    }

    private static string Gib(long bytes) => (bytes / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture);
}
