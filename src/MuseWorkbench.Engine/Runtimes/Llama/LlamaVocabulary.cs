using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Text to tokens and back, and the chat template. Read-only and thread-safe.</summary>
internal sealed unsafe class LlamaVocabulary : IDisposable
{
    private readonly LlamaVocabularyHandle _handle;
    private readonly byte[]? _template;

    public LlamaVocabulary(LlamaModelHandle model)
    {
        _handle = new(model);
        Size = LlamaNative.llama_vocab_n_tokens(_handle);
        _template = ReadTemplate(model, null) is { } template ? Encoding.UTF8.GetBytes(template + "\0") : null;
        BeginText = TextOf(LlamaNative.llama_vocab_bos(_handle));
        EndText = TextOf(LlamaNative.llama_vocab_eos(_handle));
        AddsBegin = LlamaNative.llama_vocab_get_add_bos(_handle) != 0;
    }

    /// <summary>Token ids run from 0 to this, exclusive.</summary>
    public int Size { get; }

    /// <summary>The begin token as text; empty where there is none.</summary>
    public string BeginText { get; }

    /// <summary>The end token as text; empty where there is none.</summary>
    public string EndText { get; }

    /// <summary>Whether <see cref="Tokenize"/> puts the begin token first where asked for special ones.</summary>
    public bool AddsBegin { get; }

    /// <summary>A chat template the model carries: the main one for null, or the one of a name; null where there is none.</summary>
    public static string? ReadTemplate(LlamaModelHandle model, string? name)
    {
        var template = LlamaNative.llama_model_chat_template(model, name);
        return template == 0 ? null : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)template));
    }

    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        // A token is at least a byte of text, save for the few that begin and end it; the count comes back negative where that is not so.
        var buffer = new int[bytes.Length + 4];
        var count = Fill(buffer);
        if (count < 0)
        {
            if (count == int.MinValue)
            {
                throw new ArgumentException("The text is too long to tokenise.", nameof(text));
            }

            buffer = new int[-count];
            count = Fill(buffer);
        }

        return buffer[..count];

        int Fill(int[] tokens)
        {
            fixed (byte* t = bytes)
            fixed (int* p = tokens)
            {
                byte none = 0;
                return LlamaNative.llama_tokenize(_handle, t is null ? &none : t, bytes.Length, p, tokens.Length, ToByte(addSpecial), ToByte(parseSpecial));
            }
        }
    }

    public byte[] TokenToPiece(int token, bool special)
    {
        Check(token);
        Span<byte> buffer = stackalloc byte[128];
        var length = Fill(buffer);
        if (length >= 0)
        {
            return buffer[..length].ToArray();
        }

        var large = new byte[-length];
        return large[..Fill(large)];

        int Fill(Span<byte> destination)
        {
            fixed (byte* p = destination)
            {
                return LlamaNative.llama_token_to_piece(_handle, token, p, destination.Length, 0, ToByte(special));
            }
        }
    }

    public bool IsEndOfGeneration(int token)
    {
        Check(token);
        return LlamaNative.llama_vocab_is_eog(_handle, token) != 0;
    }

    public string ApplyChatTemplate(IReadOnlyList<(string Role, string Content)> messages)
    {
        if (_template is null)
        {
            throw new NotSupportedException("The model file carries no chat template (tokenizer.chat_template).");
        }

        using var texts = new NativeTexts();
        var chat = new LlamaChatMessage[messages.Count];
        for (var i = 0; i < chat.Length; i++)
        {
            chat[i] = new() { Role = texts.Add(messages[i].Role), Content = texts.Add(messages[i].Content) };
        }

        // The first guess covers most templates; the exact length comes back where it does not.
        var buffer = ArrayPool<byte>.Shared.Rent(messages.Sum(m => Encoding.UTF8.GetMaxByteCount(m.Content.Length) + 64) + 64);
        try
        {
            var length = Fill();
            if (length > buffer.Length)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(length);
                length = Fill();
            }

            return length < 0
                ? throw new NotSupportedException("The model's chat template is none of those llama.cpp recognises, and it does not evaluate templates.")
                : Encoding.UTF8.GetString(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        int Fill()
        {
            fixed (byte* template = _template)
            fixed (LlamaChatMessage* c = chat)
            fixed (byte* b = buffer)
            {
                return LlamaNative.llama_chat_apply_template(template, c, (nuint)chat.Length, 1, b, buffer.Length);
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private string TextOf(int token) => (uint)token < (uint)Size ? Encoding.UTF8.GetString(TokenToPiece(token, special: true)) : "";

    // Native lookups by id throw a C++ exception out of range, which .NET cannot catch.
    private void Check(int token)
    {
        if ((uint)token >= (uint)Size)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Token ids run from 0 to {Size - 1}.");
        }
    }

    private static byte ToByte(bool value) => value ? (byte)1 : (byte)0;

    /// <summary>UTF-8 copies of texts, freed together.</summary>
    private sealed class NativeTexts : IDisposable
    {
        private readonly List<nint> _texts = [];

        public nint Add(string text)
        {
            if (text.Contains('\0'))
            {
                throw new ArgumentException("A chat message holds a NUL character, which would cut it short.");
            }

            var copy = Marshal.StringToCoTaskMemUTF8(text);
            _texts.Add(copy);
            return copy;
        }

        public void Dispose() => _texts.ForEach(Marshal.FreeCoTaskMem);
    }
}
