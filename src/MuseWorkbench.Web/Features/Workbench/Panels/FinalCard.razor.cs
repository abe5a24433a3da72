using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>What the team says: leading while it thinks, final when it is done; who voted for what, and what it cost.</summary>
public sealed partial class FinalCard : LiveComponent
{
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }

    // Token counts tick with the text; twenty tokens more are worth a render, one is not.
    protected override object Stamp => (Run, Run.VoteVersion, Run.TotalTokens / 20, Run.Agents.Length);

    private string Answer => Run.Final is { } final
        ? final.Answer
        : Run.Options.IsEmpty ? "" : Run.HasTie && Run.Options[0].Agents.Length * Run.Options.Length > 1 ? TiedAnswers : Run.Options[0].Answer;

    private string TiedAnswers => string.Join(" | ", Run.Options.Where(option => option.Agents.Length == Run.Options[0].Agents.Length).Select(option => option.Answer));

    private string? Size => Answer.Length switch { > 160 => "long", > 48 => "medium", _ => null };

    private string Caption => Run switch
    {
        // How the run ended says more than that nobody answered.
        { Finished.Outcome: RunOutcome.Failed } => "Run failed",
        { Finished.Outcome: RunOutcome.Stopped } => $"Stopped {SoFar}",
        { Finished.Outcome: RunOutcome.Interrupted } => $"Interrupted {SoFar}",
        { Final.Outcome: FinalOutcome.Unanimous } => $"Final answer · all {VotesCast} agree",
        { Final: { Outcome: FinalOutcome.Majority } } => $"Final answer · {Run.Options[0].Agents.Length} of {VotesCast} agree",
        { Final.Outcome: FinalOutcome.Single } => Run.Agents.Length == 1 ? "Final answer" : $"Final answer · the only one of {Run.Agents.Length}",
        { Final.Outcome: FinalOutcome.Tie } => "A tie · no answer has more votes",
        { Final.Outcome: FinalOutcome.NoAnswer } => "No answer",
        { Options.IsEmpty: true } => Run.Agents.Length == 1 ? "One agent at work" : $"{Run.Agents.Length} agents at work",
        _ => $"{(Run.HasTie ? "Tied so far" : "Leading answer")} · {Run.AgentsIn} of {Run.Agents.Length} agents in",
    };

    private string SoFar => Run.Options.IsEmpty ? "before an answer" : Run.HasTie ? "· tied so far" : "· leading answer";

    private string EmptyText => Run.Finished switch
    {
        null when Run.Final is null => "Contemplating…",
        { Outcome: RunOutcome.Failed } when Run.Agents.All(agent => agent.Phase == AgentPhase.Failed) =>
            Run.Agents.Length == 1 ? "The agent failed" : $"All {Run.Agents.Length} agents failed",
        { Outcome: RunOutcome.Stopped or RunOutcome.Interrupted } => "What agents said so far stays below",
        _ => "No agent answered",
    };

    private int VotesCast => Run.Options.Sum(option => option.Agents.Length);

    private string Agreement => Run.Final is { Outcome: not FinalOutcome.NoAnswer } final
        ? Fmt.Percent(final.Agreement)
        : VotesCast > 0 ? Fmt.Percent((double)Run.Options[0].Agents.Length / VotesCast) : "–";

    private string VoteText => string.Join(", ", Groups.Select(group => $"{group.Text}: {group.Agents.Count}"));

    private IEnumerable<VoteGroup> Groups
    {
        get
        {
            var most = Run.Options.IsEmpty ? 0 : Run.Options[0].Agents.Length;
            foreach (var option in Run.Options)
            {
                yield return new VoteGroup("v" + option.Normalised, VoteKind.Cast, option.Answer, option.Agents, option.Agents.Length == most);
            }

            var voted = Run.Options.SelectMany(option => option.Agents).ToHashSet();
            var rest = Run.Agents.Where(agent => !voted.Contains(agent.Index)).ToArray();
            var open = rest.Where(agent => !agent.IsOver).Select(agent => agent.Index).ToArray();
            var silent = rest.Where(agent => agent.IsOver).Select(agent => agent.Index).ToArray();
            if (open.Length > 0)
            {
                yield return new VoteGroup("open", VoteKind.Open, "open", open, false);
            }

            if (silent.Length > 0)
            {
                yield return new VoteGroup("silent", VoteKind.Silent, "no vote", silent, false);
            }
        }
    }

    private enum VoteKind { Cast, Open, Silent }

    private sealed record VoteGroup(string Key, VoteKind Kind, string Text, IReadOnlyList<int> Agents, bool IsLeader)
    {
        public string Tip => $"{Web.Shared.Text.Shorten(Text, 200)}: {string.Join(", ", Agents.Select(agent => $"agent {agent + 1}"))}";
    }
}
