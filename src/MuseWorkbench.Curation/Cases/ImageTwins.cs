using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Cases;

/// <summary>Two cases that show the same picture, or pictures that look alike.</summary>
/// <param name="CaseId">The case that is new.</param>
/// <param name="OtherCaseId">The case that was there before, or earlier among the new ones.</param>
/// <param name="Distance">0 to <see cref="DifferenceHash.NearDistance"/> differing bits of 64; null where the files are equal.</param>
public sealed record ImageTwin(string CaseId, string OtherCaseId, string Sha256, string OtherSha256, int? Distance)
{
    public bool IsExact => Distance is null;
}

/// <summary>Finds pictures that are there already: exactly by SHA-256, nearly by <see cref="DifferenceHash"/>.</summary>
public static class ImageTwins
{
    /// <summary>Twins of new images among those there and among themselves, each new image with its nearest, in order.</summary>
    public static ImmutableArray<ImageTwin> Find(IReadOnlyList<CaseImage> there, IReadOnlyList<CaseImage> added)
    {
        ArgumentNullException.ThrowIfNull(there);
        ArgumentNullException.ThrowIfNull(added);
        var bySha256 = new Dictionary<string, CaseImage>(StringComparer.Ordinal);
        var prints = new List<CaseImage>();
        foreach (var image in there)
            Know(image);
        var twins = ImmutableArray.CreateBuilder<ImageTwin>();
        foreach (var image in added)
        {
            if (bySha256.TryGetValue(image.Sha256, out var same))
            {
                if (same.CaseId != image.CaseId)
                    twins.Add(new(image.CaseId, same.CaseId, image.Sha256, same.Sha256, null));
                continue;
            }
            if (Nearest(image) is var (near, distance))
                twins.Add(new(image.CaseId, near.CaseId, image.Sha256, near.Sha256, distance));
            Know(image);
        }
        return twins.ToImmutable();

        void Know(CaseImage image)
        {
            if (bySha256.TryAdd(image.Sha256, image) && image.Print is not null)
                prints.Add(image);
        }

        // Ten thousand against ten thousand is a tenth of a second: no index earns its keep.
        (CaseImage Image, int Distance)? Nearest(CaseImage image)
        {
            if (image.Print is not { } print)
                return null;
            (CaseImage, int)? nearest = null;
            var least = DifferenceHash.NearDistance + 1;
            foreach (var other in prints)
            {
                if (other.CaseId != image.CaseId && DifferenceHash.Distance(print, other.Print!.Value) is var distance && distance < least)
                    (nearest, least) = ((other, distance), distance);
            }
            return nearest;
        }
    }
}
