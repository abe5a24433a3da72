using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>Images as records name them: a file beside the record, or the picture itself as a data URL. Nothing is fetched.</summary>
internal static class ImageReference
{
    private const string File = "file://", Data = "data:";
    private static readonly string[] s_extensions = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>Whether a variable holds an image.</summary>
    public static bool IsImage(string variable, string text) =>
        text.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase)
        || (s_extensions.Any(extension => FileNames.HasExtension(text, extension))
            && (text.StartsWith(File, StringComparison.Ordinal) || variable.Contains("image", StringComparison.OrdinalIgnoreCase)));

    /// <param name="file">The file the record stands in.</param>
    /// <exception cref="UnusableRecordException">It is not there, can't be read, or is somewhere else.</exception>
    public static Task<ImageRef> ReadAsync(IImportFiles files, string file, string text, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (text.StartsWith(Data, StringComparison.OrdinalIgnoreCase))
            return intake.ImageAsync(Decode(text), "", cancellationToken);
        var name = text.StartsWith(File, StringComparison.Ordinal) ? text[File.Length..] : text;
        if (name.Contains("://", StringComparison.Ordinal))
            throw new UnusableRecordException("Its image is somewhere on the network; nothing is fetched from there.");
        return intake.ImageAsync(files, FileNames.Beside(file, name), cancellationToken);
    }

    public static string ToDataUrl(ImageRef image, ReadOnlyMemory<byte> bytes) => $"data:{image.MediaType};base64,{Convert.ToBase64String(bytes.Span)}";

    /// <summary>The bytes in a data URL.</summary>
    public static ReadOnlyMemory<byte> Decode(string url)
    {
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !url.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            throw new MalformedRecordException("An image is a data URL without Base64.");
        return DecodeBase64(url.AsSpan(comma + 1));
    }

    public static ReadOnlyMemory<byte> DecodeBase64(ReadOnlySpan<char> text)
    {
        if (text.Length / 4L * 3 > ImageLimits.Default.MaxBytes + 3)
            throw new UnusableRecordException($"An image is larger than {ImageLimits.Default.MaxBytes >> 20} MB, which is the most that is accepted.");
        var bytes = new byte[text.Length / 4 * 3 + 3];
        return Convert.TryFromBase64Chars(text, bytes, out var length)
            ? bytes.AsMemory(0, length)
            : throw new MalformedRecordException("An image is not Base64.");
    }
}
