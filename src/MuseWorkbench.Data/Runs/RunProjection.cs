using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Data.Runs;

/// <summary>Keeps a run's row in step with its events.</summary>
internal static class RunProjection
{
    /// <summary>Whether the event changes the row; most are text and don't.</summary>
    public static bool Concerns(RunEvent e) => e is RunStarted or AgentStarted or FinalAnswer or RunFinished or RunResumed;

    /// <param name="worker">Whose run it is, where there may be several workbenches.</param>
    public static StoredRun Begin(RunStarted started, string? worker)
    {
        var request = started.Request;
        var run = new StoredRun
        {
            Id = started.RunId,
            StartedAt = started.At,
            Prompt = request.Prompt,
            TeamName = request.Team.Name,
            Strategy = request.Team.Strategy,
            Agents = request.Team.Agents.Length,
            ExperimentId = request.Experiment?.Id,
            Worker = worker,
        };
        for (var i = 0; i < request.Images.Length; i++)
            run.Images.Add(new StoredImage { Ordinal = i, Sha256 = request.Images[i].Sha256, Name = request.Images[i].Name });
        Index(run);
        return run;
    }

    public static void Apply(StoredRun run, RunEvent e)
    {
        switch (e)
        {
            case AgentStarted { Model.Length: > 0 } started when !run.Models.Contains($"\n{started.Model}\n", StringComparison.Ordinal):
                run.Models = $"{(run.Models.Length == 0 ? "\n" : run.Models)}{started.Model}\n";
                break;
            case FinalAnswer final:
                (run.Answer, run.Agreement) = (final.Answer, final.Outcome == FinalOutcome.NoAnswer ? null : final.Agreement);
                break;
            case RunFinished finished:
                (run.Outcome, run.WallClockMs) = (finished.Outcome, finished.WallClockMs);
                (run.TotalTokens, run.CriticalPathTokens) = (finished.TotalTokens, finished.CriticalPathTokens);
                break;
            case RunResumed:
                (run.Outcome, run.Answer, run.Agreement) = (null, null, null);
                break;
            default:
                return;
        }
        Index(run);
    }

    /// <summary>Computes the search text anew.</summary>
    public static void Index(StoredRun run) =>
        run.SearchText = Fold(string.Join('\n', [
            run.Prompt, run.Answer ?? "", run.TeamName, run.Strategy, run.Models, run.Notes,
            string.Create(CultureInfo.InvariantCulture, $"{run.Id}"), .. run.Tags.Select(t => t.Tag), .. run.Images.Select(i => i.Name)]));

    /// <summary>Text as searches compare it.</summary>
#pragma warning disable CA1308 // Readers look for words; lower case is what a database compares well.
    public static string Fold(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
