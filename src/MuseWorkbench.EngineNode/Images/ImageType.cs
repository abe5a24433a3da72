namespace MuseWorkbench.EngineNode.Images;

/// <summary>Tells an image's type by its first bytes.</summary>
internal static class ImageType
{
    /// <summary>The media type, or null for none of the three the node takes.</summary>
    public static string? Sniff(ReadOnlySpan<byte> encoded)
    {
        if (encoded.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
        {
            return "image/png";
        }

        if (encoded.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return "image/jpeg";
        }

        return encoded.Length >= 12 && encoded.StartsWith("RIFF"u8) && encoded[8..].StartsWith("WEBP"u8) ? "image/webp" : null;
    }
}
