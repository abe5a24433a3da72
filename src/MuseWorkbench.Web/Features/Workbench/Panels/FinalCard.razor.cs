using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>What the team says: leading while it thinks, final when it is done; who voted for what, and what it cost.</summary>
public sealed partial class FinalCard : LiveComponent
{
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }

    /// <summary>The reader wants the run as a case, once it is over.</summary>
    [Parameter] public EventCallback OnKeep { get; set; }

    // Token counts tick with the text; twenty tokens more are worth a render, one is not.
    protected override object Stamp => (Run, Run.VoteVersion, Run.TotalTokens / 20, Run.Agents.Length, OnKeep.HasDelegate && Run.Finished is not null);

    private string Answer => Run.Final is { } final
        ? final.Answer
        : Run.Options.IsEmpty ? "" : Run.HasTie && Run.Options[0].Agents.Length * Run.Options.Length > 1 ? TiedAnswers : Run.Options[0].Answer;

    private string TiedAnswers => string.Join(" | ", Run.Options.Where(option => option.Strength >= Run.Options[0].Strength).Select(option => option.Answer));

    private string? Size => Answer.Length switch { > 160 => "long", > 48 => "medium", _ => null };

    private string Caption => Run switch
    {
        // How the run ended says more than that nobody answered.
        { Finished.Outcome: RunOutcome.Failed } => "Run failed",
        { Finished.Outcome: RunOutcome.Stopped } => $"Stopped {SoFar}",
        { Finished.Outcome: RunOutcome.Interrupted } => $"Interrupted {SoFar}",
        { Final.Outcome: FinalOutcome.Unanimous } => $"Final answer · all {VotesCast} agree",
        { Final: { Outcome: FinalOutcome.Majority } } => $"Final answer · {Run.Options[0].Agents.Length} of {VotesCast} agree",
        { Final.Outcome: FinalOutcome.Weighted } => $"Final answer · weighted by confidence, {Fmt.Percent(Run.Final.Agreement)} of the weight",
        { Final: { Outcome: FinalOutcome.Judged, Verdict.Relation: VerdictRelation.None } } => "Final answer · best mean rank",
        { Final.Outcome: FinalOutcome.Judged } => "Final answer · chosen by the judge",
        { Final.Outcome: FinalOutcome.Synthesised } => $"Final answer · {(VotesCast == 0 ? "written" : $"written from {VotesCast} answers")}",
        { Final.Outcome: FinalOutcome.Single } => Run.Agents.Length == 1 ? "Final answer" : $"Final answer · the only one of {Run.Voters.Count()}",
        { Final.Outcome: FinalOutcome.CastingVote } => "Final answer · a tie, the earliest agent decides",
        { Final.Outcome: FinalOutcome.Tie } => "A tie · no answer has more votes",
        { Final.Outcome: FinalOutcome.NoAnswer } => "No answer",
        { Options.IsEmpty: true } => Run.Agents.Length == 1 ? "One agent at work" : $"{Run.Agents.Length} agents at work",
        _ => $"{(Run.HasTie ? "Tied so far" : "Leading answer")} · {(Run.Stages > 1 ? $"stage {Run.Stages}" : $"{Run.AgentsIn} of {Run.Agents.Length} agents in")}",
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
        : VotesCast > 0 ? Fmt.Percent(Run.Options[0].Strength / Run.Options.Sum(option => option.Strength)) : "–";

    private string VoteText => string.Join(", ", Groups.Select(group => $"{group.Text}: {group.Agents.Count}"));

    private IEnumerable<VoteGroup> Groups
    {
        get
        {
            var most = Run.Options.IsEmpty ? 0 : Run.Options[0].Strength;
            var all = Run.Options.Sum(option => option.Strength);
            var votes = VotesCast;
            foreach (var option in Run.Options)
            {
                yield return new VoteGroup("v" + option.Normalised, VoteKind.Cast, StructuredAnswerReader.Brief(option.Answer), option.Agents, option.Strength >= most)
                {
                    Who = Names(option.Agents),
                    Width = all > 0 ? option.Strength / all * votes : 1,
                    Measure = option.Weight is null ? $"{option.Agents.Length}" : Fmt.Percent(option.Strength / all),
                };
            }

            var voted = Run.Options.SelectMany(option => option.Agents).ToHashSet();
            var rest = Run.Voters.Where(agent => !voted.Contains(agent.Index)).ToArray();
            var open = rest.Where(agent => !agent.IsOver).Select(agent => agent.Index).ToArray();
            var silent = rest.Where(agent => agent.IsOver).Select(agent => agent.Index).ToArray();
            if (open.Length > 0)
            {
                yield return new VoteGroup("open", VoteKind.Open, "open", open, false) { Who = Names(open) };
            }

            if (silent.Length > 0)
            {
                yield return new VoteGroup("silent", VoteKind.Silent, "no vote", silent, false) { Who = Names(silent) };
            }
        }
    }

    private string Names(IEnumerable<int> agents) => string.Join(", ", agents.Select(agent => Of(agent)?.Name ?? $"agent {agent + 1}"));

    private AgentViewModel? Of(int agent) => agent >= 0 && agent < Run.Agents.Length ? Run.Agents[agent] : null;

    private string VerdictText(Verdict verdict)
    {
        var who = Of(verdict.Agent)?.Name is { Length: > 0 } name ? name : "The lead";
        var stays = Run.Final?.Outcome == FinalOutcome.Judged ? "the ranking" : "the vote";
        var says = verdict.Relation switch
        {
            VerdictRelation.Agrees => $"{who} agrees with the vote.",
            VerdictRelation.Overrides => $"{who} overrides the vote.",
            VerdictRelation.Decides => $"{who} decides: the vote had no leader.",
            _ when verdict.Unheeded is null => $"{who} gave no verdict that could be read; {stays} stands.",
            _ => $"{who} does not say {(verdict.Claimed == VerdictRelation.Overrides ? "why it overrides the vote" : "that it overrides the vote")}; {stays} stands.",
        };
        if (verdict.Unheeded is { } other)
        {
            return $"{says} (It wrote another answer, “{Web.Shared.Text.Shorten(other, 80)}”, which does not count.)";
        }

        return verdict.Claimed is { } claimed && claimed != verdict.Relation && verdict.Relation is VerdictRelation.Agrees or VerdictRelation.Overrides
            ? $"{says} (It said that it {(claimed == VerdictRelation.Agrees ? "agrees" : "overrides")}.)"
            : says;
    }

    private static string SparedTip(EarlyStop spared) =>
        $"{(spared.Reason == EarlyStopReason.LowConfidence ? "Unsure agents were stopped" : "The vote was decided early")}: {spared.Stopped} stopped, {spared.NotStarted} not started.\nAn estimate: their tokens had they become as long as the others on average";

    private enum VoteKind { Cast, Open, Silent }

    private sealed record VoteGroup(string Key, VoteKind Kind, string Text, IReadOnlyList<int> Agents, bool IsLeader)
    {
        /// <summary>Its share of the bar, in votes.</summary>
        public double Width { get; init; } = Agents.Count;

        /// <summary>How much it got, as written beside it.</summary>
        public string Measure { get; init; } = "";

        public required string Who { get; init; }

        public string Tip => $"{Web.Shared.Text.Shorten(Text, 200)}: {Who}";
    }
}
