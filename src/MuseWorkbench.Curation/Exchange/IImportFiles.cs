namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// The files of one import, by name. Names are keys to ask for, never paths on this machine. Used by one reader at a time.
/// </summary>
public interface IImportFiles : IDisposable
{
    /// <summary>What was handed in is called this; for display only.</summary>
    string Name { get; }

    /// <summary>The files' names, with '/' between folders, in the order they came.</summary>
    IReadOnlyList<string> Names { get; }

    bool Contains(string name);

    /// <summary>Opens one, from its beginning.</summary>
    /// <returns>Never yields more than was said of its size; throws <see cref="ImportRefusedException"/> where the content is not what was said.</returns>
    Stream Open(string name);
}

/// <summary>One file by itself.</summary>
/// <param name="name">The name it came with.</param>
/// <param name="content">Seekable; stays the caller's.</param>
public sealed class SingleImportFile(string name, Stream content) : IImportFiles
{
    public string Name { get; } = FileNames.Last(name);

    public IReadOnlyList<string> Names => [Name];

    public bool Contains(string name) => name == Name;

    public Stream Open(string name)
    {
        if (!Contains(name))
            throw new ArgumentException("There is no such file.", nameof(name));
        content.Position = 0;
        return new LeftOpenStream(content);
    }

    public void Dispose()
    {
        // The content is the caller's.
    }
}
