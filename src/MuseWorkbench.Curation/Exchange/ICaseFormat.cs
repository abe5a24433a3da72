using System.Collections.Immutable;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>One way other programs write cases. Stateless and thread-safe.</summary>
public interface ICaseFormat
{
    /// <summary>Lower case, such as <c>hf-imagefolder</c>; kept with what was imported.</summary>
    string Id { get; }

    /// <summary>As its users know it.</summary>
    string Name { get; }

    /// <summary>The extension of what is exported, with its dot.</summary>
    string Extension { get; }

    /// <summary>Fields of a case, by their JSON names, that come back from an export as they were.</summary>
    ImmutableArray<string> Keeps { get; }

    /// <summary>Whether files look like this format. Reads little; never throws for what is in them.</summary>
    bool Recognises(IImportFiles files);

    /// <summary>Reads every case into <paramref name="intake"/>. It is read twice: once to check, once to keep.</summary>
    /// <exception cref="ImportRefusedException">The files can't be read as this format at all.</exception>
    Task ReadAsync(IImportFiles files, CaseIntake intake, CancellationToken cancellationToken);

    /// <summary>Writes cases one after the other.</summary>
    Task WriteAsync(CaseOutlet outlet, Stream into, CancellationToken cancellationToken);
}
