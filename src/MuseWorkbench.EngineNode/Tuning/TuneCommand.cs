using MuseWorkbench.Engine;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Tuning;

/// <summary><c>tune [--output FILE] [--Engine:Model=FILE …]</c>: measures a few settings and writes the best into a file of settings.</summary>
internal static class TuneCommand
{
    public const string Name = "tune";

    /// <summary>The file the workbench reads beside its own settings.</summary>
    public const string DefaultFile = "appsettings.tuned.json";

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var configuration = EngineConfiguration.FromCommandLine(args);
            var file = Path.GetFullPath(configuration["output"] is { Length: > 0 } set ? set : DefaultFile);
            var options = EngineConfiguration.Read(configuration);
            var settings = await new Tuner(TeamWork.MeasureAsync, output.WriteLine).TuneAsync(options, Environment.ProcessorCount, stop.Token);
            Tuner.Write(file, settings);
            await output.WriteLineAsync(settings.Count == 0
                ? $"The settings as they were are as good as any; {file} sets nothing."
                : $"Kept in {file}: {string.Join(", ", settings.Select(s => $"{s.Key} {s.Value}"))}.");
            return 0;
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Stopped; nothing was written.");
            return 130;
        }
        catch (Exception e) when (e is NodeStartException or EngineLoadException or IOException or UnauthorizedAccessException or FormatException)
        {
            await errors.WriteLineAsync(e.Message);
            return ExitCodes.CannotStart;
        }
    }
}
