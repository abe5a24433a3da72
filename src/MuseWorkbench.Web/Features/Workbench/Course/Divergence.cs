using System.Text.RegularExpressions;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>Where two texts part: the first sentence that differs, and in it the first word.</summary>
/// <param name="Sentence">The sentence's number, from 1.</param>
/// <param name="Same">Its beginning that both share.</param>
/// <param name="Mine">How one goes on from there; empty where it ends.</param>
/// <param name="Theirs">How the other goes on.</param>
/// <param name="SharedWords">Words the texts share from their beginnings.</param>
public sealed partial record Divergence(int Sentence, string Same, string Mine, string Theirs, int SharedWords)
{
    /// <summary>Null where the texts have the same words throughout.</summary>
    public static Divergence? Between(string mine, string theirs)
    {
        ArgumentNullException.ThrowIfNull(mine);
        ArgumentNullException.ThrowIfNull(theirs);
        var (a, b) = (Sentences(mine), Sentences(theirs));
        var shared = 0;
        for (var i = 0; i < Math.Max(a.Count, b.Count); i++)
        {
            var (x, y) = (i < a.Count ? Words(a[i]) : [], i < b.Count ? Words(b[i]) : []);
            var same = 0;
            while (same < x.Length && same < y.Length && x[same] == y[same])
            {
                same++;
            }

            shared += same;
            if (same < x.Length || same < y.Length)
            {
                return new Divergence(i + 1, string.Join(' ', x.Take(same)), string.Join(' ', x.Skip(same)), string.Join(' ', y.Skip(same)), shared);
            }
        }

        return null;
    }

    // A sentence ends at its mark, a line at its end; what an agent lists is cut at each entry.
    private static List<string> Sentences(string text) => [.. SentenceEnd().Split(text).Where(sentence => !string.IsNullOrWhiteSpace(sentence))];

    private static string[] Words(string sentence) => sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"(?<=[.!?;。！？])\s+|\n+", RegexOptions.None, 1000)]
    private static partial Regex SentenceEnd();
}
