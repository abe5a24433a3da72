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
        var template = LlamaNative.llama_model_chat_template(model, 0);
        _template = template == 0 ? null : [.. MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)template), 0];
    }

    /// <summary>Token ids run from 0 to this, exclusive.</summary>
    public int Size { get; }

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
