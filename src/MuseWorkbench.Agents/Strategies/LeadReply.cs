using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Strategies;

/// <summary>
/// What a lead wrote, read leniently: fields such as <c>ANSWER: 3</c> at a line's beginning, in any order, emphasised or
/// not; the last of a kind counts. A reply without an answer field is the answer itself.
/// </summary>
internal sealed partial class LeadReply
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _whole;

    private LeadReply(string text)
    {
        _whole = text.Trim();
        var marks = Field().Matches(text);
        for (var i = 0; i < marks.Count; i++)
        {
            var from = marks[i].Index + marks[i].Length;
            var to = i + 1 < marks.Count ? marks[i + 1].Index : text.Length;
            if (text[from..to].Trim().Trim('*', '_', '`').Trim() is { Length: > 0 } value)
                _fields[marks[i].Groups["name"].Value] = value;
        }
    }

    /// <summary>Whether the whole reply is the answer, because it has no field for it.</summary>
    public bool IsWhole => _fields.Count == 0;

    /// <summary>The answer; empty where the reply has other fields only.</summary>
    public string Answer => _fields.TryGetValue("answer", out var answer) ? answer : IsWhole ? _whole : "";

    public string? Reason => _fields.GetValueOrDefault("reason");

    /// <summary>Whether it said that it agrees with the vote or overrides it.</summary>
    public VerdictRelation? Claim => _fields.GetValueOrDefault("verdict")?.ToLowerInvariant() switch
    {
        { } said when said.StartsWith("agree", StringComparison.Ordinal) => VerdictRelation.Agrees,
        { } said when said.StartsWith("overrid", StringComparison.Ordinal) => VerdictRelation.Overrides,
        _ => null,
    };

    public static LeadReply Of(AgentResult result) => new(result.Answer);

    /// <summary>The number chosen, from 0, where it is one of <paramref name="count"/>.</summary>
    public int? Choice(int count) =>
        Number().Match(_fields.GetValueOrDefault("best") ?? "") is { Success: true } match
        && int.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= count
            ? number - 1
            : null;

    /// <summary>The letters A, B, C … in the order given, as numbers from 0: only where each of <paramref name="count"/> stands there once.</summary>
    public ImmutableArray<int>? Ranking(int count)
    {
        var said = _fields.GetValueOrDefault("ranking") ?? "";
        var line = said.Split('\n')[0];
        var order = Letter().Matches(line).Select(m => m.Value[0] - 'A').ToImmutableArray();
        return order.Length == count && order.Distinct().Count() == count && order.All(i => i < count) ? order : null;
    }

    [GeneratedRegex(@"^[^\w\n]*(?<name>VERDICT|REASON|ANSWER|BEST|RANKING)\b[^\w\n:]*:", RegexOptions.IgnoreCase | RegexOptions.Multiline, 1000)]
    private static partial Regex Field();

    [GeneratedRegex(@"\d{1,3}", RegexOptions.None, 1000)]
    private static partial Regex Number();

    [GeneratedRegex(@"\b[A-P]\b", RegexOptions.None, 1000)]
    private static partial Regex Letter();
}
