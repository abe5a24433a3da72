using System.Text.Json.Serialization;

namespace MuseWorkbench.Curation.Scoring.Scorers;

/// <summary>Which number of a text is meant.</summary>
public enum NumberChoice
{
    /// <summary>The only one (the same number may stand there twice); several different ones can't be read.</summary>
    Only,
    First,
    Last,
}

/// <summary>The text's number is the value, within a tolerance: |p − v| ≤ max(absolute, relative·|v|).</summary>
public sealed record NumericScorer : TextScorer
{
    [JsonConverter(typeof(NumberConverter))]
    public required double Value { get; init; }

    /// <summary>Absolute tolerance, in the value's unit.</summary>
    public double Tolerance { get; init; }

    /// <summary>Relative tolerance: 0.05 is 5 % of the value. Of no use where the value is 0.</summary>
    public double Relative { get; init; }

    public NumberChoice Take { get; init; }

    internal override string? FindProblem() =>
        Tolerance < 0 ? "'tolerance' is below 0." : Relative < 0 ? "'relative' is below 0." : null;

    public override Score Score(string text)
    {
        var numbers = NumberText.Find(text);
        if (numbers.IsEmpty)
            return Scoring.Score.Unreadable($"there is no number in {Words.Quote(text)}");
        if (Take == NumberChoice.Only && numbers.Select(number => number.Value).Distinct().Count() > 1)
            return Scoring.Score.Unreadable($"there are several numbers in {Words.Quote(text)}; 'take: last' or 'take: first' says which is meant");
        var number = Take == NumberChoice.First ? numbers[0] : numbers[^1];
        var allowed = Math.Max(Tolerance, Relative * Math.Abs(Value));
        // 3.3 − 3.2 is not exactly 0.1.
        var slack = 1e-9 * Math.Max(1, Math.Abs(Value));
        return Scoring.Score.Of(
            Math.Abs(number.Value - Value) <= allowed + (allowed > 0 ? slack : 0),
            $"{Words.Number(number.Value)} against {Words.Number(Value)}{(allowed > 0 ? $" ± {Words.Number(allowed)}" : "")}");
    }
}
