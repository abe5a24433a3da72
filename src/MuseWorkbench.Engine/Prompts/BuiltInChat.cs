using System.Globalization;
using MuseWorkbench.Engine.Prompts.Jinja.Values;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>
/// Chats by the runtime's own list of chat formats. They are rendered with placeholders for the messages' contents and cut there, so
/// that no content takes part in the rendering.
/// </summary>
internal sealed class BuiltInChat(ILlamaRuntime runtime)
{
    /// <exception cref="NotSupportedException">The runtime knows no format for the model.</exception>
    public JinjaString Render(ChatTemplateInput input)
    {
        // Letters and digits only, so that no template trims, escapes or matches them.
        var mark = $"content{Guid.NewGuid():N}n";
        var rendered = runtime.ApplyChatTemplate([.. input.Turns.Select((turn, i) => (turn.Role, $"{mark}{i}x"))]);
        var contents = ChatVariables.Contents(input.Turns);
        var builder = new JinjaStringBuilder();
        var done = 0;
        for (var at = Next(); at >= 0; at = Next())
        {
            builder.Append(rendered[done..at]);
            var numberAt = at + mark.Length;
            done = rendered.IndexOf('x', numberAt) + 1;
            builder.Append(contents[int.Parse(rendered.AsSpan(numberAt, done - 1 - numberAt), CultureInfo.InvariantCulture)]);
        }
        return builder.Append(rendered[done..]).ToText();

        int Next() => rendered.IndexOf(mark, done, StringComparison.Ordinal);
    }
}
