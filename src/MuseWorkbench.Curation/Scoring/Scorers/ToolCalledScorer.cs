using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// A tool was called; where arguments are given, with these among its own, compared as JSON values: 3 equals 3.0, objects
/// in any order, text exactly.
/// </summary>
public sealed record ToolCalledScorer : Scorer
{
    /// <summary>The tool's name.</summary>
    public required string Value { get; init; }

    /// <summary>Arguments the call must have; it may have more.</summary>
    public JsonObject? Arguments { get; init; }

    [JsonIgnore]
    public override ImmutableArray<ScoreChannel> Channels => [ScoreChannel.Tools];

    internal override string? FindProblem() => string.IsNullOrWhiteSpace(Value) ? "'value' is empty: it names the tool." : null;

    public override ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken) => new(Score(target.ToolCalls));

    /// <summary>Scores calls by themselves.</summary>
    public Score Score(ImmutableArray<ScoredToolCall> calls)
    {
        var ofTool = calls.Where(call => call.Tool == Value).ToList();
        if (ofTool.Count == 0)
            return Scoring.Score.Of(false, calls.IsEmpty ? "no tool was called" : $"called: {string.Join(", ", calls.Select(call => call.Tool).Distinct().Take(5))}");
        if (Arguments is null || ofTool.Any(call => JsonIn.Whole(call.Arguments) is JsonObject given && Arguments.All(wanted => given.TryGetPropertyValue(wanted.Key, out var value) && JsonNode.DeepEquals(value, wanted.Value))))
            return Scoring.Score.Of(true, $"{Value} was called");
        return Scoring.Score.Of(false, $"{Value} was called with {Words.Quote(ofTool[0].Arguments)}");
    }
}
