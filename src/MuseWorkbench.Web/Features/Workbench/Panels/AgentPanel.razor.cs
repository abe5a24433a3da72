using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>One agent: what it does, what it thinks, what it answers, what that cost.</summary>
public sealed partial class AgentPanel : LiveComponent
{
    private bool _collapsed;
    private string? _copied;

    [Inject] public required IJSRuntime Js { get; init; }
    [Parameter, EditorRequired] public required AgentViewModel Agent { get; set; }
    /// <summary>Less air, for many agents at once.</summary>
    [Parameter] public bool IsDense { get; set; }
    /// <summary>Read alone, larger.</summary>
    [Parameter] public bool IsLarge { get; set; }
    [Parameter] public EventCallback<int> OnFocus { get; set; }
    [Parameter] public EventCallback<int> OnStop { get; set; }
    /// <summary>What else can be done with it.</summary>
    [Parameter] public AgentDeeds Deeds { get; set; } = AgentDeeds.None;

    protected override object Stamp => (Agent, Agent.Version, IsDense, IsLarge, _collapsed, _copied, Deeds);

    private string MenuId => $"agent-menu-{Agent.Index}";

    private (string Text, string? Class, string Tip) Status => Agent.Phase switch
    {
        AgentPhase.Waiting => ("waiting", null, "About to be sent to the engine"),
        AgentPhase.Queued => ("queued", null, "Waits for a place on the engine"),
        AgentPhase.Prefilling => ($"prefill {Fmt.Percent(Agent.PrefillShare)}", "live", "The engine reads the prompt and the image"),
        AgentPhase.Thinking => ("thinking", "live", "Reasoning, token by token"),
        AgentPhase.Tool => ("tool", "warn", "Waits for a tool's result"),
        AgentPhase.Answering => ("answering", "live", "Writes its answer"),
        AgentPhase.Done => ("done", "ok", "Answered"),
        AgentPhase.LengthLimit when Agent.Error is not null => ("context full", "warn", "The model's context was full before it was done"),
        AgentPhase.LengthLimit => ("budget spent", "warn", "Reached its token budget before it was done"),
        AgentPhase.Stopped when Agent.StoppedEarly is { } early => (
            early.Reason == EarlyStopReason.LowConfidence ? "unsure" : "not needed", null,
            $"{(early.Reason == EarlyStopReason.LowConfidence ? "Less sure of its tokens than the warm-up allows" : "The vote was decided without it")}: stopped early, about {Fmt.Count(early.EstimatedTokensSaved)} tokens saved"),
        AgentPhase.Stopped when Agent.StartedAt is null => ("not started", null, "The run was over before it was needed"),
        AgentPhase.Stopped => ("stopped", null, "Stopped before it was done; what it said stays"),
        _ => ("failed", "bad", "Failed; the others go on"),
    };

    // Once it has begun, what was recorded counts: without images there is no view.
    private string? View => Agent.StartedAt is null || Agent.Seen is not null ? ViewText.Short(Agent.Spec.View) : null;

    private string WaitText => Agent.Phase switch
    {
        AgentPhase.Prefilling => Agent.Prefill is { Cached: > 0 } prefill
            ? string.Create(CultureInfo.InvariantCulture, $"Reading the prompt, {Fmt.Count(prefill.Cached)} of {Fmt.Count(prefill.Total)} tokens shared")
            : "Reading the prompt",
        AgentPhase.Queued => "Waiting for a place on the engine",
        AgentPhase.Waiting => "Starting",
        AgentPhase.Answering or AgentPhase.Done => "Answered without reasoning",
        _ => "Said nothing",
    };

    private string SamplingTip => Agent.Seed is { } seed
        ? string.Create(CultureInfo.InvariantCulture, $"Temperature {Fmt.Css(Agent.Spec.Sampling.Temperature)}, seed {seed}")
        : $"Temperature {Fmt.Css(Agent.Spec.Sampling.Temperature)}";

    private string NameTip => $"{(IsLarge ? "Back to all agents (f)" : "Read large (f)")}{(Agent.Server is { } server ? $"\nOn {server}" : "")}";

    private string ServerText => Agent.Rerouted switch
    {
        null => "on",
        { IsSameServer: true } => "went on after a restart of",
        _ => "went on at",
    };

    private string ServerTip => Agent switch
    {
        { Rerouted: { IsSameServer: true } moved } => $"{moved.Reason} When it ran again, the agent {(moved.Continued ? "went on from what it had said" : "began again")}.",
        { Rerouted: { Continued: true } moved } => $"{moved.Reason} It went on at {moved.To}, from what it had said.",
        { Rerouted: { } moved } => $"{moved.Reason} It began again at {moved.To}.",
        { Placed: { } placed } => $"Placed on {placed.Server} by {placed.Policy}{(placed.Split ? ", the team split" : "")}: all done in about {Fmt.Ms(placed.EstimatedMs)}.\nTogether: {string.Join(", ", placed.Options.Take(6).Select(option => $"{option.Server} {Fmt.Ms(option.EstimatedMs)}"))}",
        _ => "",
    };

    private string TokensTip => Agent.Usage is { } usage
        ? $"Tokens generated.\nPrompt: {Fmt.Count(usage.PromptTokens)} tokens, {Fmt.Count(usage.CachedTokens)} of them shared with other agents"
        : "Tokens generated so far";

    private async Task CopyAsync()
    {
        var text = string.Join("\n\n", new[] { Agent.Reasoning.ToString().Trim(), Agent.Answer.ToString().Trim() }.Where(part => part.Length > 0));
        try
        {
            await Js.InvokeVoidAsync("navigator.clipboard.writeText", text);
            _copied = "Copied";
        }
        catch (JSException)
        {
            // Browsers hand out the clipboard on this machine's own addresses and over HTTPS only.
            _copied = "The browser refused to copy";
        }
    }

    private void Toggle() => _collapsed = !_collapsed;
}
