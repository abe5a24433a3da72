using System.Runtime.InteropServices;
using System.Text;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>Text to tokens and back, and the chat template. Read-only and thread-safe.</summary>
internal sealed unsafe class LlamaVocabulary : IDisposable
{
    private readonly LlamaVocabularyHandle _handle;
    private readonly string? _template;
    private readonly int[] _marks;

    public LlamaVocabulary(LlamaModelHandle model)
    {
        _handle = new(model);
        Size = LlamaNative.llama_vocab_n_tokens(_handle);
        _template = ReadTemplate(model, null);
        _marks = [.. ToolCallFormat.Marks.Select(mark => Tokenize(mark, addSpecial: false, parseSpecial: true)).Where(tokens => tokens.Length == 1).Select(tokens => tokens[0])];
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

    /// <summary>The name of the one of llama.cpp's templates that <see cref="ApplyChatTemplate"/> uses; null for none, or where it can't be told.</summary>
    public string? FindTemplateName() => _template is null ? null : LlamaChatTemplates.FindName(_template);

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

    /// <summary>The bytes of a token; of control tokens only those that say where a call is, unless <paramref name="special"/>.</summary>
    public byte[] TokenToPiece(int token, bool special)
    {
        Check(token);
        special |= Array.IndexOf(_marks, token) >= 0;
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

        return LlamaChatTemplates.Apply(_template, messages)
            ?? throw new NotSupportedException("The model's chat template is none of those llama.cpp recognises, and it does not evaluate templates.");
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
}
