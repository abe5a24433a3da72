using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>Refuses requests that can't be run, before anything starts.</summary>
internal sealed class RunValidator(StrategyCatalogue strategies, IImageStore images)
{
    public const int MaxPromptLength = 32_000;
    public const int MaxImages = 8;

    /// <summary>As the engine node takes it.</summary>
    public const int MaxPriority = 1000;

    /// <summary>The request's strategy and its images' bytes.</summary>
    /// <exception cref="RunRejectedException">The request can't be run; the message is for the user.</exception>
    public async Task<(IStrategy Strategy, ImmutableArray<RunImage> Images)> CheckAsync(RunRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var imageRefs = request.Images.IsDefault ? [] : request.Images;
        CheckPrompt(request.Prompt, imageRefs.Length);
        if (request.Priority is < -MaxPriority or > MaxPriority)
            throw new RunRejectedException($"The priority is a number from -{MaxPriority} to {MaxPriority}.");
        if (Fault(request.Team) is { } fault)
            throw new RunRejectedException(fault);
        if (AttachmentRules.Fault(request, strategies) is { } attached)
            throw new RunRejectedException(attached);
        var loaded = ImmutableArray.CreateBuilder<RunImage>(imageRefs.Length);
        foreach (var image in imageRefs)
            loaded.Add(await LoadAsync(image, cancellationToken));
        return (strategies.Find(request.Team.Strategy)!, loaded.MoveToImmutable());
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

    /// <summary>What is wrong with a team, in words; null where it can be run.</summary>
    public string? Fault(TeamSpec? team) => TeamRules.Fault(team) ?? strategies.Fault(team!);

    private async Task<RunImage> LoadAsync(ImageRef? image, CancellationToken cancellationToken)
    {
        if (image?.Sha256 is null || await images.ReadAsync(image.Sha256, cancellationToken) is not { } bytes)
            throw new RunRejectedException($"The image \"{image?.Name}\" is not here any more; add it again.");
        if (image.Width < 1 || image.Height < 1 || image.MediaType is not ("image/png" or "image/jpeg" or "image/webp"))
            throw new RunRejectedException($"The image \"{image.Name}\" has no valid size or type.");
        return new RunImage(image, new DataContent(bytes, image.MediaType));
    }
}
