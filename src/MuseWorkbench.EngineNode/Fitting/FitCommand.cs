using System.Text.Json;
using MuseWorkbench.Engine;
using MuseWorkbench.EngineNode.Hosting;

namespace MuseWorkbench.EngineNode.Fitting;

/// <summary><c>fit [--Engine:Model=FILE …]</c>: says in one line what a node of these options would take of its device, and what is free there.</summary>
internal static class FitCommand
{
    public const string Name = "fit";

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        try
        {
            var options = EngineConfiguration.Read(EngineConfiguration.FromCommandLine(args));
            await output.WriteLineAsync(JsonSerializer.Serialize(EngineFactory.Look(options), JsonSerializerOptions.Web));
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is NodeStartException or EngineLoadException or FormatException)
        {
            await errors.WriteLineAsync(e.Message);
            return ExitCodes.CannotStart;
        }
    }
}
