using System.Collections.Immutable;
using System.Text.Json;

namespace MuseWorkbench.Core;

/// <summary>
/// A question worth keeping, with what is known of its answer: what teams are measured by. Limits are
/// <see cref="CaseLimits"/>'s. Two cases with equal <see cref="CaseContent.Hash"/> ask and expect the same.
/// </summary>
public sealed record Case
{
    /// <summary>Stable within a dataset: saving another case under it replaces this one.</summary>
    public required string Id { get; init; }

    /// <summary>The question. May be empty where there are images.</summary>
    public required string Prompt { get; init; }

    /// <summary>What is asked about, in order.</summary>
    public ImmutableArray<ImageRef> Images { get; init; } = [];

    /// <summary>Answers to choose from, in order; empty where the answer is free.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>The right answer; null where none is known.</summary>
    public string? Expected { get; init; }

    /// <summary>The places a right answer names.</summary>
    public ImmutableArray<Region> Regions { get; init; } = [];

    /// <summary>A table the question is about, as CSV (RFC 4180); null for none.</summary>
    public string? Table { get; init; }

    /// <summary>Checks on an answer, each an object with a <c>type</c>, as promptfoo writes them.</summary>
    public ImmutableArray<JsonElement> Assertions { get; init; } = [];

    /// <summary>Words to find it by, each once; <c>key:value</c> where an import had a field.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Which part of the dataset it is in, such as <c>train</c> or <c>test</c>; null for none.</summary>
    public string? Split { get; init; }

    /// <summary>What its keeper remarks.</summary>
    public string Notes { get; init; } = "";

    /// <summary>Where it came from; null where it was written here.</summary>
    public CaseProvenance? Provenance { get; init; }
}

/// <summary>Where a case came from: a run, one agent of it, or a file.</summary>
public sealed record CaseProvenance
{
    /// <summary>The run it was promoted from.</summary>
    public Guid? RunId { get; init; }

    /// <summary>The agent whose answer it is, by index; null for the run's final answer.</summary>
    public int? Agent { get; init; }

    /// <summary>The format it was imported from, by id.</summary>
    public string? Format { get; init; }

    /// <summary>The imported file's name, for display only.</summary>
    public string? Source { get; init; }
}
