using System.Collections.Immutable;

namespace MuseWorkbench.Core;

/// <summary>What a user asks for: a prompt over zero or more images, by a team.</summary>
public sealed record RunRequest
{
    public required string Prompt { get; init; }
    public ImmutableArray<ImageRef> Images { get; init; } = [];
    public required TeamSpec Team { get; init; }
}
