using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>What may go along with the cases of a bundle.</summary>
public enum BundlePart { Team, Run }

/// <summary>
/// Teams and runs that go along with cases in our own bundle, each a JSON file of its own. Whoever keeps them looks such
/// files through and keeps them; the import says when. Thread-safe.
/// </summary>
public interface IBundleCompany
{
    /// <summary>Looks a file through; keeps nothing.</summary>
    /// <exception cref="BundlePartException">It is not what it says it is.</exception>
    Task<BundleCheck> CheckAsync(BundlePart part, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Keeps a file that was looked through and whose images are kept. Returns what takes it back; null where it had come in meanwhile.</summary>
    /// <exception cref="BundlePartException">It can't be kept.</exception>
    Task<Func<Task>?> KeepAsync(BundlePart part, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

/// <summary>What a file of a bundle needs.</summary>
/// <param name="Images">SHA-256 of the images it speaks of and that the bundle holds.</param>
/// <param name="Skip">Why it is left out, in words for the reader; null where it is taken.</param>
public sealed record BundleCheck(ImmutableArray<string> Images, string? Skip = null);

/// <summary>A team or a run to write into a bundle.</summary>
/// <param name="Id">Letters, digits and '-': its file's name.</param>
/// <param name="Content">JSON in UTF-8.</param>
/// <param name="Images">Those it speaks of.</param>
public sealed record BundleFile(BundlePart Part, string Id, ReadOnlyMemory<byte> Content, ImmutableArray<ImageRef> Images);

/// <summary>A team or run in a bundle can't be read or kept; the message is for the user.</summary>
public sealed class BundlePartException(string message, Exception? inner = null) : Exception(message, inner);
