using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Scoring.Judging;
using MuseWorkbench.Curation.Scoring.Scorers;

namespace MuseWorkbench.Curation.Scoring;

/// <summary>A kind of assertion by its name.</summary>
/// <param name="Name">As it stands in <c>type</c>; promptfoo's where it has one.</param>
/// <param name="ScorerType">The class of its scorer.</param>
public sealed record ScorerKind(string Name, Type ScorerType)
{
    private static readonly JsonSerializerOptions s_strict = new(MuseJson.Options)
    {
        RespectNullableAnnotations = true,
        // Exact names and kinds: "3" is no number, Value is no value.
        PropertyNameCaseInsensitive = false, NumberHandling = JsonNumberHandling.Strict, MaxDepth = 64,
    };

    internal Func<Scorer, Scorer> Configure { get; init; } = scorer => scorer;

    /// <summary>Whether <c>threshold</c> is the scorer's own measure (milliseconds, a distance) instead of a score.</summary>
    public bool OwnsThreshold => ScorerType.GetProperty("Threshold") is not null;

    /// <summary>What can be set of it beside what every assertion has, in order. What its name already says is not among them.</summary>
    public ImmutableArray<ScorerSetting> Settings =>
    [
        // "i" for any case can't be said again; the serialiser would skip it in silence.
        .. s_strict.GetTypeInfo(ScorerType).Properties.Where(property => property.Set is not null)
            .Select(property => new ScorerSetting(property.Name, property.PropertyType, property.IsRequired)),
    ];

    /// <summary>The channels it can look at; the first where none is named.</summary>
    public ImmutableArray<ScoreChannel> Channels => Configure((Scorer)RuntimeHelpers.GetUninitializedObject(ScorerType)).Channels;

    /// <exception cref="JsonException">A setting is missing, unknown or of another kind.</exception>
    internal Scorer Read(JsonObject settings)
    {
        if (settings.Select(setting => setting.Key).Except(Settings.Select(setting => setting.Name)).FirstOrDefault() is { } unknown)
            throw new UnknownSettingException(unknown);
        return Configure((Scorer)settings.Deserialize(ScorerType, s_strict)!);
    }

    internal static JsonObject Write(Scorer scorer) => JsonSerializer.SerializeToNode(scorer, scorer.GetType(), s_strict)!.AsObject();
}

/// <summary>Something that can be set of a kind of assertion.</summary>
/// <param name="Name">As it stands in an assertion's text.</param>
/// <param name="Type">What it takes.</param>
/// <param name="IsRequired">Whether an assertion must have it.</param>
public sealed record ScorerSetting(string Name, Type Type, bool IsRequired);

/// <summary>A setting the kind does not have: a misspelt name must not silently mean the default.</summary>
internal sealed class UnknownSettingException(string name) : JsonException
{
    public string Name { get; } = name;
}

/// <summary>All kinds of assertion. Their formulas and pitfalls are in docs/scorers.md.</summary>
public static class ScorerCatalogue
{
    /// <summary>In the order in which they are offered.</summary>
    public static ImmutableArray<ScorerKind> All { get; } =
    [
        Kind<EqualsScorer>("equals"),
        Kind<StartsWithScorer>("starts-with"),
        Kind<ContainsScorer>("contains", s => s with { Single = true }),
        Kind<ContainsScorer>("icontains", s => s with { Single = true, IgnoreCase = true }),
        Kind<ContainsScorer>("contains-any"),
        Kind<ContainsScorer>("icontains-any", s => s with { IgnoreCase = true }),
        Kind<ContainsScorer>("contains-all", s => s with { All = true }),
        Kind<ContainsScorer>("icontains-all", s => s with { All = true, IgnoreCase = true }),
        Kind<RegexScorer>("regex"),
        Kind<NumericScorer>("numeric"),
        Kind<CountErrorScorer>("count-error"),
        Kind<ChoiceScorer>("choice"),
        Kind<RelaxedAccuracyScorer>("relaxed-accuracy"),
        Kind<AnlsScorer>("anls"),
        Kind<VqaScorer>("vqa"),
        Kind<LevenshteinScorer>("levenshtein"),
        Kind<RougeScorer>("rouge-n"),
        Kind<RougeScorer>("rouge-1"),
        Kind<RougeScorer>("rouge-2", s => s with { N = 2 }),
        Kind<RougeScorer>("rouge-l", s => s with { N = 0 }),
        Kind<BleuScorer>("bleu"),
        Kind<JsonScorer>("is-json"),
        Kind<JsonScorer>("contains-json", s => s with { Inside = true }),
        Kind<RegionScorer>("iou"),
        Kind<RegionScorer>("acc-at-iou", s => s with { Rule = RegionRule.AccAtIou }),
        Kind<RegionScorer>("point-in-box", s => s with { Rule = RegionRule.PointInBox }),
        Kind<ToolCalledScorer>("tool-called"),
        Kind<LatencyScorer>("latency"),
        Kind<TokensScorer>("tokens"),
        Kind<RubricScorer>("llm-rubric"),
    ];

    private static readonly Dictionary<string, ScorerKind> s_byName = All.ToDictionary(kind => kind.Name);

    /// <summary>The kind of a name; null where there is none.</summary>
    public static ScorerKind? Find(string name) => s_byName.GetValueOrDefault(name);

    /// <summary>The name nearest to one that does not exist, where one is near enough to be meant.</summary>
    internal static string? Nearest(string name)
    {
        if (name.Length > 64)
            return null;
        var best = All.MinBy(kind => EditDistance.Of(kind.Name, name))!.Name;
        return EditDistance.Of(best, name) <= Math.Max(2, name.Length / 3) ? best : null;
    }

    private static ScorerKind Kind<T>(string name, Func<T, T>? configure = null) where T : Scorer =>
        configure is null ? new ScorerKind(name, typeof(T)) : new ScorerKind(name, typeof(T)) { Configure = scorer => configure((T)scorer) };
}
