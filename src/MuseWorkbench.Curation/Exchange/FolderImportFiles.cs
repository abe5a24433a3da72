namespace MuseWorkbench.Curation.Exchange;

/// <summary>A folder on this machine that its owner chose. Links in it are passed over.</summary>
public sealed class FolderImportFiles : IImportFiles
{
    private static readonly EnumerationOptions s_plain = new()
    {
        RecurseSubdirectories = true, MaxRecursionDepth = FileNames.MaxDepth, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
    };

    private readonly Dictionary<string, string> _paths;

    /// <exception cref="ImportRefusedException">It is not there, or holds too many files.</exception>
    public FolderImportFiles(string folder, ArchiveLimits? limits = null)
    {
        var most = (limits ?? ArchiveLimits.Default).MaxEntries;
        if (!Directory.Exists(folder))
            throw new ImportRefusedException("There is no such folder.");
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var files = Directory.EnumerateFiles(folder, "*", s_plain).Take(most + 1).ToArray();
        if (files.Length > most)
            throw new ImportRefusedException($"The folder holds more than {most} files.");
        _paths = files.ToDictionary(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), StringComparer.Ordinal);
        Names = [.. _paths.Keys.Order(StringComparer.Ordinal)];
    }

    public string Name { get; }

    public IReadOnlyList<string> Names { get; }

    public bool Contains(string name) => _paths.ContainsKey(name);

    public Stream Open(string name) => File.OpenRead(_paths[name]);

    public void Dispose()
    {
        // Nothing is held open.
    }
}
