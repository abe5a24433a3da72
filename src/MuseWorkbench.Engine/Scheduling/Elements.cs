using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// What a sequence consists of, one element per row of the cache: token ids, and spans of image rows. Grows by the tokens generated.
/// Two sequences have a prefix in common where their token ids agree and their images have the same content; an image is shared whole or not at all.
/// </summary>
internal sealed class Elements
{
    /// <summary>Stands in <see cref="_rows"/> for a row of an image.</summary>
    private const int ImageRow = -1;

    private readonly List<int> _rows = [];
    private readonly List<ImageSpan> _images = [];

    public int Count => _rows.Count;

    public IReadOnlyList<ImageSpan> Images => _images;

    public int this[int row] => _rows[row];

    public void Add(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        _rows.Add(token);
    }

    public void AddRange(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            Add(token);
        }
    }

    public void AddImage(string contentHash, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        _images.Add(new ImageSpan(Count, rows, contentHash));
        _rows.AddRange(Enumerable.Repeat(ImageRow, rows));
    }

    /// <summary>The image a row belongs to, or null where it is a token.</summary>
    public ImageSpan? ImageAt(int row) => _rows[row] == ImageRow ? _images.FindLast(i => i.Start <= row) : null;

    /// <summary>Tokens from a row on, up to the next image or the end.</summary>
    public int TokensFrom(int row)
    {
        var tokens = CollectionsMarshal.AsSpan(_rows)[row..];
        var image = tokens.IndexOf(ImageRow);
        return image < 0 ? tokens.Length : image;
    }

    /// <summary>Rows that both begin with, at most <paramref name="limit"/>.</summary>
    public int CommonPrefix(Elements other, int limit)
    {
        var length = CollectionsMarshal.AsSpan(_rows).CommonPrefixLength(CollectionsMarshal.AsSpan(other._rows));
        for (var i = 0; i < _images.Count && _images[i].Start < length; i++)
        {
            if (i >= other._images.Count || _images[i] != other._images[i])
            {
                length = _images[i].Start;
            }
        }
        return WholeImages(Math.Min(length, limit));
    }

    /// <summary>The longest length up to this one that cuts no image.</summary>
    public int WholeImages(int length)
    {
        var last = _images.FindLast(i => i.Start < length);
        return last is not null && last.End > length ? last.Start : length;
    }
}

/// <summary>Rows of a sequence that an image takes. Holds no pixels: prefixes are kept long after their images are gone.</summary>
internal sealed record ImageSpan(int Start, int Rows, string ContentHash)
{
    public int End => Start + Rows;
}
