using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Names inside imports, which are whoever's.</summary>
internal static class FileNames
{
    /// <summary>Folders within folders.</summary>
    public const int MaxDepth = 16;

    public const int MaxLength = 512;

    /// <summary>What is wrong with a file's name in an archive; null where it is a plain relative one.</summary>
    public static string? Fault(string name) => name switch
    {
        "" => "a name is empty",
        { Length: > MaxLength } => "a name is too long",
        _ when name.Any(char.IsControl) => "a name holds a control character",
        _ when name.Contains('\\', StringComparison.Ordinal) => $"'{Show(name)}' has a backslash in it",
        _ when name.StartsWith('/') => $"'{Show(name)}' is an absolute name",
        _ when name.Contains(':', StringComparison.Ordinal) => $"'{Show(name)}' names a drive or a stream",
        _ when name.Split('/') is var parts && parts.Any(part => part is "." or "..") => $"'{Show(name)}' leads out of its folder",
        _ when name.TrimEnd('/').Contains("//", StringComparison.Ordinal) => $"'{Show(name)}' has an empty folder name",
        _ when name.Count(c => c == '/') > MaxDepth => $"'{Show(name)}' lies more than {MaxDepth} folders deep",
        _ => null,
    };

    /// <summary>The name that a record in <paramref name="record"/> means by <paramref name="relative"/>.</summary>
    /// <exception cref="MalformedRecordException">It is no plain relative name.</exception>
    public static string Beside(string record, string relative)
    {
        var plain = relative.StartsWith("./", StringComparison.Ordinal) ? relative[2..] : relative;
        if (plain.EndsWith('/') || Fault(plain) is not null)
            throw new MalformedRecordException($"The image name '{Show(relative)}' is not a plain relative one.");
        return Folder(record) + plain;
    }

    /// <summary>A case's id by its image's name; several questions about one picture are told apart. Empty where it is too long for one.</summary>
    public static string IdOf(string name, Dictionary<string, int> used)
    {
        var count = used[name] = used.GetValueOrDefault(name) + 1;
        var id = count == 1 ? name : $"{name}#{count}";
        return id.Length <= CaseLimits.IdLength ? id : "";
    }

    /// <summary>A text as the name of a file in an export: itself where it is a plain relative name.</summary>
    public static string Of(string text) => Fault(text) is null && !text.EndsWith('/') ? text : string.Concat(text.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    /// <summary>The folder a name lies in, with its '/'; empty for none.</summary>
    public static string Folder(string name) => name[..(name.LastIndexOf('/') + 1)];

    /// <summary>The name without folders, whichever way they are written.</summary>
    public static string Last(string name) => name[(name.LastIndexOfAny(['/', '\\']) + 1)..];

    public static bool HasExtension(string name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>A name or text for a message: short, in one line.</summary>
    public static string Show(string text)
    {
        var line = string.Concat(text.Take(60).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
        return text.Length > 60 ? line + "…" : line;
    }
}
