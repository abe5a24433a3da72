using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>llama.cpp's own list of chat templates, of which it recognises one in a model's template, or by name.</summary>
internal static unsafe class LlamaChatTemplates
{
    /// <summary>A chat that the list's entries write differently: every role, and blanks that some trim.</summary>
    internal static readonly (string, string)[] Probe = [("system", " s "), ("user", " u "), ("assistant", " a "), ("tool", " t "), ("user", " v ")];

    /// <summary>Null where the template is none of the list's.</summary>
    public static string? Apply(string template, IReadOnlyList<(string Role, string Content)> messages)
    {
        using var texts = new NativeTexts();
        var source = texts.Add(template);
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

            return length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        int Fill()
        {
            fixed (LlamaChatMessage* c = chat)
            fixed (byte* b = buffer)
            {
                return LlamaNative.llama_chat_apply_template((byte*)source, c, (nuint)chat.Length, 1, b, buffer.Length);
            }
        }
    }

    /// <summary>
    /// What a template is recognised as. llama.cpp doesn't tell, so it is the one of the list that writes the same; null where none does, or several do.
    /// </summary>
    public static string? FindName(string template)
    {
        var names = Names();
        if (names.Contains(template))
        {
            return template;
        }

        if (Apply(template, Probe) is not { } written)
        {
            return null;
        }

        var same = names.FindAll(name => Apply(name, Probe) == written);
        return same is [var only] ? only : null;
    }

    internal static List<string> Names()
    {
        var names = new nint[LlamaNative.llama_chat_builtin_templates(null, 0)];
        fixed (nint* first = names)
        {
            var count = LlamaNative.llama_chat_builtin_templates(first, (nuint)names.Length);
            return [.. names.Take(count).Select(name => Marshal.PtrToStringUTF8(name)!)];
        }
    }

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
