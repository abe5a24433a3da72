using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs.Export;

/// <summary>A run as a file: its events, its images, and what the user noted. The shape is documented in docs/store.md.</summary>
internal sealed record RunDocument
{
    public const string FormatName = "muse-run";
    public const int CurrentVersion = 1;

    public required string Format { get; init; }
    public required int Version { get; init; }
    public RunRemarks? Remarks { get; init; }
    public required ImmutableArray<RunEvent> Events { get; init; }
    public ImmutableArray<RunDocumentImage> Images { get; init; } = [];
}

/// <summary>What the user added to a run.</summary>
internal sealed record RunRemarks
{
    public int? Rating { get; init; }
    public ImmutableArray<string> Tags { get; init; } = [];
    public string Notes { get; init; } = "";
}

/// <summary>An image with its bytes (Base64 in JSON).</summary>
internal sealed record RunDocumentImage(string Sha256, string MediaType, byte[] Data);
