using System.Text;

namespace MuseWorkbench.Engine.Runtimes.Gguf;

/// <summary>
/// Texts of a file. Bytes that are no UTF-8 become characters of the last private plane (U+10FF00 + byte), so that texts
/// differ here exactly where they differ in the file; U+FFFD for all of them would make different tokens look alike.
/// </summary>
internal static class GgufText
{
    private static readonly Encoding s_encoding = Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, new KeepBytes());

    public static string Decode(ReadOnlySpan<byte> bytes) => s_encoding.GetString(bytes);

    private sealed class KeepBytes : DecoderFallback
    {
        /// <summary>Characters for one failure of at most three bytes.</summary>
        public override int MaxCharCount => 6;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();
    }

    private sealed class Buffer : DecoderFallbackBuffer
    {
        private string _text = "";
        private int _next;

        public override int Remaining => _text.Length - _next;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            _text = string.Concat(bytesUnknown.Select(value => char.ConvertFromUtf32(0x10FF00 + value)));
            _next = 0;
            return _text.Length > 0;
        }

        public override char GetNextChar() => _next < _text.Length ? _text[_next++] : '\0';

        public override bool MovePrevious() => _next > 0 && --_next >= 0;

        public override void Reset() => (_text, _next) = ("", 0);
    }
}
