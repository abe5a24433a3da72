namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>What the checks look at: a model file's header, its keys named without the architecture before them.</summary>
/// <param name="architecture">Null takes what the file says; a later part of a split model says nothing.</param>
internal sealed class ModelHeader(GgufFile file, string path, string? architecture = null)
{
    public GgufFile File => file;

    public string Path => path;

    public string Architecture { get; } = architecture ?? file.RequireString("general.architecture");

    /// <summary>The full name of a key of the architecture.</summary>
    public string Key(string name) => $"{Architecture}.{name}";

    public object? Find(string name) => file.Metadata.GetValueOrDefault(Key(name));

    /// <summary>The value where it is one whole number, not a list by layer and not missing.</summary>
    /// <exception cref="InvalidDataException">It is something else, such as a text.</exception>
    public long? FindOne(string name) => Find(name) is Array ? null : file.FindInteger(Key(name));

    /// <summary>The value of each layer listed, one entry where all layers have the same, none where the key is missing.</summary>
    /// <exception cref="InvalidDataException">Neither a whole number nor a list of 32-bit ones.</exception>
    public IReadOnlyList<long> FindByLayer(string name) => Find(name) switch
    {
        uint[] each => [.. each.Select(v => (long)v)],
        int[] each => [.. each.Select(v => (long)v)],
        Array => throw Unusable($"{Key(name)} must be a whole number or a list of them"),
        _ => FindOne(name) is { } one ? [one] : [],
    };

    public InvalidDataException Unusable(string reason) => new($"{path} is not a usable model: {reason}.");
}
