using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>
/// How far a count is off: score max(0, 1 − |p − t| / max(t, 1)); passes with |p − t| ≤ threshold. Counts the answer's
/// number, or on the regions channel the places named.
/// </summary>
public sealed record CountErrorScorer : Scorer
{
    /// <summary>The true count.</summary>
    public required int Value { get; init; }

    /// <summary>What is counted: the number right before this word, or regions of this label. Without it the answer's only number, or all regions.</summary>
    public string? Label { get; init; }

    /// <summary>Largest error that passes.</summary>
    public int Threshold { get; init; }

    [JsonIgnore]
    public override ImmutableArray<ScoreChannel> Channels => [.. TextChannels, ScoreChannel.Regions];

    [JsonIgnore]
    public override double DefaultThreshold => ScoreOfError(Threshold);

    internal override string? FindProblem() =>
        Value < 0 ? "'value' is below 0." : Threshold < 0 ? "'threshold' is below 0." : Label is { } label && string.IsNullOrWhiteSpace(label) ? "'label' is empty." : null;

    public override ValueTask<Score> ScoreAsync(ScoringTarget target, ScoringServices services, CancellationToken cancellationToken) => new(Score(target));

    private Score Score(ScoringTarget target)
    {
        if (target.Channel == ScoreChannel.Regions)
            return Of(target.Regions.Count(region => Label is null || string.Equals(region.Label.Trim(), Label, StringComparison.OrdinalIgnoreCase)));
        var counts = NumberText.Find(target.Text, words: true)
            .Where(number => Label is null || IsBeforeLabel(target.Text.AsSpan(number.End)))
            .Select(number => number.Value).Distinct().ToList();
        return counts is [var only] && only is >= 0 and <= int.MaxValue && only == Math.Floor(only)
            ? Of((int)only)
            : Scoring.Score.Unreadable($"{(counts.Count == 0 ? "no count" : "no single count")}{(Label is null ? "" : $" of {Words.Quote(Label)}")} in {Words.Quote(target.Text)}");
    }

    // "3 eggs", "3 red eggs": the label, or its plural, one or two words on.
    private bool IsBeforeLabel(ReadOnlySpan<char> rest)
    {
        var words = rest[..Math.Min(rest.Length, 200)].ToString().Split([' ', '\t', '\n'], 4, StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words.Take(3))
        {
            var bare = word.Trim('.', ',', ';', ':', '!', '?', '*', '_', '`', '"', ')', '(');
            if (IsLabel(bare))
                return true;
            if (word.Length != bare.Length || NumberText.Find(word, words: true).Length > 0)
                return false;
        }
        return false;
    }

    private bool IsLabel(string word) =>
        string.Equals(word, Label, StringComparison.OrdinalIgnoreCase)
        || string.Equals(word, Label + "s", StringComparison.OrdinalIgnoreCase)
        || string.Equals(word, Label + "es", StringComparison.OrdinalIgnoreCase);

    private Score Of(int count) => Scoring.Score.Of(ScoreOfError(Math.Abs((double)count - Value)), $"{count} counted, {Value} there");

    private double ScoreOfError(double error) => Math.Max(0, 1 - error / Math.Max(Value, 1));
}
