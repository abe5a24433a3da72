using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Images;

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

    /// <summary>Adds an image that is one piece, each row with a position of its own.</summary>
    public void AddImage(string contentHash, int rows) => AddImage(contentHash, [new ImageRows(rows, rows)]);

    /// <summary>Adds an image's tokens and rows in order.</summary>
    public void AddImage(string contentHash, IReadOnlyList<ImagePiece> pieces)
    {
        var image = _images.Count == 0 ? 0 : _images[^1].Image + 1;
        var firstRow = 0;
        foreach (var piece in pieces)
        {
            if (piece is ImageRows rows)
            {
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows.Rows);
                _images.Add(new ImageSpan(Count, PositionAt(Count), contentHash, image, firstRow, rows));
                _rows.AddRange(Enumerable.Repeat(ImageRow, rows.Rows));
                firstRow += rows.Rows;
            }
            else if (piece is ImageTokens tokens)
            {
                AddRange([.. tokens.Tokens]);
            }
        }
    }

    /// <summary>
    /// The position of a row, which is what the runtime orders a sequence's cells by; also that of the row to come. The same as the
    /// row's index unless images take fewer positions than rows.
    /// </summary>
    public int PositionAt(int row)
    {
        var image = _images.FindLast(i => i.Start <= row);
        return image is null ? row : row < image.End ? image.PlaceOf(row).T : image.EndPosition + row - image.End;
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
            if (i >= other._images.Count || !_images[i].IsSameAs(other._images[i]))
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
