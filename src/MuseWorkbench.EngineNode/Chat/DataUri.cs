using System.Buffers.Text;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Images inside a request: <c>data:image/png;base64,…</c>. Nothing is ever fetched from anywhere.</summary>
internal static class DataUri
{
    private static readonly string[] s_types = ["image/png", "image/jpeg", "image/jpg", "image/webp"];

    /// <summary>The bytes, or in <paramref name="fault"/> what is wrong.</summary>
    public static byte[]? Decode(JsonElement value, out string? fault)
    {
        // The raw UTF-8 spares a second and third copy of what may be tens of megabytes; only a value with escapes
        // (some writers put "\/") needs the detour.
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        var uri = raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(value.GetString()!) : raw;
        if (!StartsWith(uri, "data:"))
        {
            fault = "must be a data URI such as 'data:image/png;base64,…'; images at http, https or file addresses are never fetched.";
            return null;
        }

        var comma = uri.IndexOf((byte)',');
        var head = comma < 0 || comma > 256 ? "" : Encoding.Latin1.GetString(uri[5..comma]);
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            fault = "must be a data URI in base64, such as 'data:image/png;base64,…'.";
            return null;
        }

        var type = head.Split(';', 2)[0];
        if (!s_types.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            fault = "must hold a PNG, JPEG or WebP image (image/png, image/jpeg, image/webp).";
            return null;
        }

        var payload = uri[(comma + 1)..];
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(payload.Length)];
        if (Base64.DecodeFromUtf8(payload, bytes, out _, out var written) != OperationStatus.Done || written == 0)
        {
            fault = "does not hold valid base64.";
            return null;
        }

        fault = null;
        return written == bytes.Length ? bytes : bytes[..written];
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, string prefix) =>
        text.Length >= prefix.Length && Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);
}
