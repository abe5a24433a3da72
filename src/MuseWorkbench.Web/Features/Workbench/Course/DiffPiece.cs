using System.Collections.Immutable;
using System.Text.RegularExpressions;
using DiffPlex;
using DiffPlex.Chunkers;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>What a stretch of a comparison is.</summary>
public enum DiffKind { Same, Removed, Added }

/// <summary>Words in a row that are all the same, or stand in one text only.</summary>
public sealed record DiffPiece(DiffKind Kind, string Text)
{
    /// <summary>What turns one text into the other, word by word: Myers' algorithm, by DiffPlex.</summary>
    public static ImmutableArray<DiffPiece> Between(string before, string after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var diff = Differ.Instance.CreateDiffs(before, after, ignoreWhiteSpace: false, ignoreCase: false, WordsAndGaps.Instance);
        var pieces = ImmutableArray.CreateBuilder<DiffPiece>();
        var (a, b) = (0, 0);
        foreach (var block in diff.DiffBlocks)
        {
            Add(DiffKind.Same, diff.PiecesOld, a, block.DeleteStartA);
            Add(DiffKind.Removed, diff.PiecesOld, block.DeleteStartA, block.DeleteStartA + block.DeleteCountA);
            Add(DiffKind.Added, diff.PiecesNew, block.InsertStartB, block.InsertStartB + block.InsertCountB);
            (a, b) = (block.DeleteStartA + block.DeleteCountA, block.InsertStartB + block.InsertCountB);
        }

        Add(DiffKind.Same, diff.PiecesNew, b, diff.PiecesNew.Count);
        return pieces.ToImmutable();

        void Add(DiffKind kind, IReadOnlyList<string> words, int from, int to)
        {
            if (to > from)
            {
                pieces.Add(new DiffPiece(kind, string.Concat(words.Skip(from).Take(to - from))));
            }
        }
    }
}

/// <summary>Words, marks and the space after them, so that the pieces joined are the text again.</summary>
internal sealed partial class WordsAndGaps : IChunker
{
    public static WordsAndGaps Instance { get; } = new();

    public IReadOnlyList<string> Chunk(string text) => [.. Word().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\s+|[\p{L}\p{N}_'’]+|[^\s\p{L}\p{N}_'’]", RegexOptions.None, 1000)]
    private static partial Regex Word();
}
