using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>What a run can come to at most, before it is started: a bound by budgets, not a forecast.</summary>
/// <param name="PromptTokens">Tokens of images, question and roles, computed once for each view and model where the server shares prefixes; an estimate.</param>
/// <param name="ContextTokens">Tokens of other agents' work that later agents read, at most.</param>
/// <param name="GeneratedTokens">Tokens all calls may generate together.</param>
/// <param name="CriticalPathTokens">Tokens that may have to be generated one after another.</param>
/// <param name="Calls">Calls made at most.</param>
/// <param name="Cells">Cells of the KV cache at once: the shared prompt, and each call's own tokens in the widest stage.</param>
public sealed record CostEstimate(int PromptTokens, long ContextTokens, long GeneratedTokens, long CriticalPathTokens, int Calls, long Cells)
{
    /// <param name="strategy">The team's.</param>
    /// <param name="team">Its agents and options.</param>
    /// <param name="textTokens">Tokens of the question.</param>
    /// <param name="images">Images that go with it.</param>
    /// <param name="modelOf">What is known of a model by its id, null being the default one.</param>
    public static CostEstimate Of(IStrategy strategy, TeamSpec team, int textTokens, int images, Func<string?, ModelInfo?> modelOf)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        ArgumentNullException.ThrowIfNull(team);
        ArgumentNullException.ThrowIfNull(modelOf);
        var plan = strategy.Plan(team);
        // Images come first in a prompt: agents that see them otherwise share nothing of it.
        var prompts = team.Agents.Select(agent => (View: agent.View ?? new ViewSpec(), agent.Model)).Distinct()
            .Sum(prompt => textTokens + (images * ModelInfo.EstimateImage(modelOf(prompt.Model), prompt.View.Scale ?? 1)));
        var roles = team.Agents.Sum(agent => OfText(agent.Role));
        return new CostEstimate(
            prompts + roles,
            plan.Sum(stage => (long)stage.ContextTokens * stage.Budgets.Length),
            plan.Sum(stage => stage.Budgets.Sum(budget => (long)budget)),
            plan.Sum(stage => (long)stage.Waves * stage.Budgets.Max()),
            plan.Sum(stage => stage.Budgets.Length),
            prompts + roles + plan.Max(stage => stage.Budgets.Sum(budget => (long)budget + stage.ContextTokens)));
    }

    /// <summary>Tokens of a text, at four characters a token.</summary>
    public static int OfText(string? text) => (int)Math.Ceiling((text?.Length ?? 0) / (double)CandidateText.CharactersPerToken);
}
