using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Prompts.Jinja.Values;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>Cuts a rendered chat where its text's origin changes and where images stand.</summary>
/// <param name="embedder">What puts control text around images; not null where there are any.</param>
/// <param name="images">By their numbers in the marks.</param>
internal sealed class PromptCutter(IImageEmbedder? embedder, IReadOnlyList<ChatImage> images)
{
    private readonly List<PromptPart> _parts = [];

    public IReadOnlyList<PromptPart> Cut(JinjaString chat)
    {
        var done = 0;
        foreach (var mark in chat.Marks)
        {
            Add(chat.Text[done..mark.Start], trusted: true);
            if (mark.IsImage)
            {
                Add(embedder!.Prefix, trusted: true);
                _parts.Add(new ImagePart(images[mark.Image].Image));
                Add(embedder.Suffix, trusted: true);
            }
            else
            {
                Add(chat.Text[mark.Start..mark.End], trusted: false);
            }
            done = mark.End;
        }
        Add(chat.Text[done..], trusted: true);
        return _parts;
    }

    private void Add(string text, bool trusted)
    {
        if (text.Length == 0)
        {
            return;
        }
        if (_parts.Count > 0 && _parts[^1] is TextPart last && last.Trusted == trusted)
        {
            _parts[^1] = last with { Text = last.Text + text };
        }
        else
        {
            _parts.Add(new TextPart(text, trusted));
        }
    }
}
