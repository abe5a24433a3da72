using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Refuses requests that can't be run, before anything starts.</summary>
internal sealed class RunValidator(IEnumerable<IStrategy> strategies, IImageStore images)
{
    public const int MaxPromptLength = 32_000;
    public const int MaxImages = 8;
    public const int MaxTokens = 32_768;
    private const int MaxNameLength = 200;

    private readonly Dictionary<string, IStrategy> _strategies = strategies.ToDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>The request's strategy and its images' bytes.</summary>
    /// <exception cref="RunRejectedException">The request can't be run; the message is for the user.</exception>
    public async Task<(IStrategy Strategy, ImmutableArray<RunImage> Images)> CheckAsync(RunRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var imageRefs = request.Images.IsDefault ? [] : request.Images;
        CheckPrompt(request.Prompt, imageRefs.Length);
        CheckTeam(request.Team);
        if (!_strategies.TryGetValue(request.Team.Strategy ?? "", out var strategy))
            throw new RunRejectedException($"There is no strategy named \"{request.Team.Strategy}\". Known: {string.Join(", ", _strategies.Keys)}.");
        var loaded = ImmutableArray.CreateBuilder<RunImage>(imageRefs.Length);
        foreach (var image in imageRefs)
            loaded.Add(await LoadAsync(image, cancellationToken));
        return (strategy, loaded.MoveToImmutable());
    }

    private static void CheckPrompt(string? prompt, int images)
    {
        if (string.IsNullOrWhiteSpace(prompt) && images == 0)
            throw new RunRejectedException("Type a question or add an image first.");
        if (prompt is { Length: > MaxPromptLength })
            throw new RunRejectedException($"The question is {prompt.Length:N0} characters long; at most {MaxPromptLength:N0} are allowed.");
        if (images > MaxImages)
            throw new RunRejectedException($"{images} images are too many; at most {MaxImages} are allowed.");
    }

    private static void CheckTeam(TeamSpec? team)
    {
        if (team is null || team.Agents.IsDefaultOrEmpty)
            throw new RunRejectedException("The team has no agents.");
        if (team.Agents.Length > TeamSpec.MaxAgents)
            throw new RunRejectedException($"The team has {team.Agents.Length} agents; at most {TeamSpec.MaxAgents} are allowed.");
        foreach (var agent in team.Agents)
            CheckAgent(agent);
    }

    private static void CheckAgent(AgentSpec? agent)
    {
        if (agent is null || agent.Name is null || agent.Sampling is not { } sampling)
            throw new RunRejectedException("An agent of the team is incomplete.");
        if (agent.Name.Length > MaxNameLength)
            throw new RunRejectedException($"An agent's name is longer than {MaxNameLength} characters.");
        if (agent.Role is { Length: > MaxPromptLength })
            throw new RunRejectedException($"{agent.Name}: the role is longer than {MaxPromptLength:N0} characters.");
        CheckRange(agent, "the temperature", sampling.Temperature, 0, 2);
        CheckRange(agent, "top-p", sampling.TopP, 0, 1);
        CheckRange(agent, "min-p", sampling.MinP, 0, 1);
        CheckRange(agent, "top-k", sampling.TopK, 0, int.MaxValue);
        CheckRange(agent, "the token budget", agent.MaxTokens, 1, MaxTokens);
    }

    // Written so that NaN is out of range.
    private static void CheckRange(AgentSpec agent, string what, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            throw new RunRejectedException($"{agent.Name}: {what} must lie between {least:N0} and {most:N0}.");
    }

    private async Task<RunImage> LoadAsync(ImageRef? image, CancellationToken cancellationToken)
    {
        if (image?.Sha256 is null || await images.ReadAsync(image.Sha256, cancellationToken) is not { } bytes)
            throw new RunRejectedException($"The image \"{image?.Name}\" is not here any more; add it again.");
        if (image.Width < 1 || image.Height < 1 || image.MediaType is not ("image/png" or "image/jpeg" or "image/webp"))
            throw new RunRejectedException($"The image \"{image.Name}\" has no valid size or type.");
        return new RunImage(image, new DataContent(bytes, image.MediaType));
    }
}
