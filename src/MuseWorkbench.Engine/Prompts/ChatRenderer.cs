using System.Globalization;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>
/// Applies the model's chat template with placeholders for the messages' contents, then cuts it there: the template's own text is
/// trusted, and no content can be mistaken for it, whatever control text is written in it.
/// </summary>
internal sealed class ChatRenderer(ILlamaRuntime runtime, IImageEmbedder? embedder)
{
    public IReadOnlyList<PromptPart> Render(ChatTemplateInput input)
    {
        var turns = input.Turns;
        if (turns.Count == 0)
        {
            throw new RequestRejectedException("A chat needs at least one message.", "invalid_value", "messages");
        }
        if (turns.FirstOrDefault(t => t.Role.Length == 0 || !t.Role.All(char.IsAsciiLetter)) is not null)
        {
            // The template takes a role as its own text.
            throw new RequestRejectedException("A role is a word of letters.", "invalid_value", "messages");
        }
        // Letters and digits only, so that no template trims, escapes or matches them. No content takes part in the rendering.
        var mark = $"content{Guid.NewGuid():N}n";
        var rendered = Apply([.. turns.Select((turn, i) => (turn.Role, $"{mark}{i}x"))]);
        var parts = new List<PromptPart>();
        var done = 0;
        var placed = new HashSet<int>();
        for (var at = Next(done); at >= 0; at = Next(done))
        {
            parts.AddText(rendered[done..at], trusted: true);
            var numberAt = at + mark.Length;
            done = rendered.IndexOf('x', numberAt) + 1;
            var turn = int.Parse(rendered.AsSpan(numberAt, done - 1 - numberAt), CultureInfo.InvariantCulture);
            AddContent(parts, turns[turn]);
            placed.Add(turn);
        }
        parts.AddText(rendered[done..], trusted: true);
        if (placed.Count < turns.Count)
        {
            throw new RequestRejectedException("The model's chat template has no place for one of the messages.", "unsupported_content", "messages");
        }
        return parts;

        int Next(int from) => rendered.IndexOf(mark, from, StringComparison.Ordinal);
    }

    private string Apply(IReadOnlyList<(string Role, string Content)> messages)
    {
        try
        {
            return runtime.ApplyChatTemplate(messages);
        }
        catch (NotSupportedException exception)
        {
            throw new RequestRejectedException(exception.Message, "unsupported_template", "messages");
        }
    }

    private void AddContent(List<PromptPart> parts, ChatTurn turn)
    {
        foreach (var content in turn.Content)
        {
            switch (content)
            {
                case ChatText text:
                    parts.AddText(text.Text, trusted: false);
                    break;
                case ChatImage image when embedder is not null:
                    parts.AddText(embedder.Prefix, trusted: true);
                    parts.Add(new ImagePart(image.Image));
                    parts.AddText(embedder.Suffix, trusted: true);
                    break;
                default:
                    throw new RequestRejectedException("This model reads no images.", "unsupported_content", "messages");
            }
        }
    }
}

file static class PromptParts
{
    public static void AddText(this List<PromptPart> parts, string text, bool trusted)
    {
        if (text.Length > 0)
        {
            parts.Add(new TextPart(text, trusted));
        }
    }
}
