using System.Text.Json;
using MuseWorkbench.Engine.Prompts.Jinja;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>
/// Finds out what a template does with small chats, since templates do not say: whether a content appears in what it writes,
/// whether it shows tools and calls, and in which shape it wants them.
/// </summary>
internal static class ChatProbe
{
    private const string Word = "probeword";

    private static readonly JsonElement s_tools = JsonSerializer.Deserialize<JsonElement>(
        """[{"type":"function","function":{"name":"WORD","description":"d","parameters":{"type":"object","properties":{"p":{"type":"string","description":"d"}},"required":["p"]}}}]""".Replace("WORD", Word, StringComparison.Ordinal));

    private static readonly ChatTurn s_user = new("user", [new ChatText(Word)]);
    private static readonly ChatTurn s_plainUser = new("user", [new ChatText("x")]);

    // An id as Mistral's templates want it: nine letters and digits.
    private static readonly ChatTurn s_call = new("assistant", []) { ToolCalls = [new ChatToolCall("abcdefgh1", "f", JsonSerializer.Deserialize<JsonElement>($$"""{"p":"{{Word}}"}"""))] };

    private static readonly ChatTurn s_answer = new("tool", [new ChatText("r")]) { ToolCallId = "abcdefgh1", Name = "f" };

    /// <summary>The shape in which a user's content is shown.</summary>
    /// <exception cref="JinjaException">In none; why the plainest one failed.</exception>
    public static ChatShape FindShape(Func<ChatTemplateInput, ChatShape, string> render)
    {
        var input = new ChatTemplateInput([s_user]);
        string plain;
        try
        {
            plain = render(input, new ChatShape());
        }
        catch (JinjaException) when (Shows(render, input, new ChatShape(ContentInParts: true)))
        {
            return new ChatShape(ContentInParts: true);
        }
        return plain.Contains(Word, StringComparison.OrdinalIgnoreCase) ? new ChatShape()
            : Shows(render, input, new ChatShape(ContentInParts: true)) ? new ChatShape(ContentInParts: true)
            : throw new JinjaException("it does not show a message's content");
    }

    public static bool ShowsTools(Func<ChatTemplateInput, ChatShape, string> render, ChatShape shape) =>
        Shows(render, new ChatTemplateInput([s_plainUser]) { Tools = s_tools }, shape);

    /// <summary>The shape in which an assistant's calls are shown, and what they look like; null where they are not.</summary>
    public static (ChatShape Shape, ToolCallFormat Format)? FindCalls(Func<ChatTemplateInput, ChatShape, string> render, ChatShape shape)
    {
        // A name other than the tool's, so that only the call itself can show the word.
        var tools = JsonSerializer.Deserialize<JsonElement>(s_tools.GetRawText().Replace(Word, "f", StringComparison.Ordinal));
        var input = new ChatTemplateInput([s_plainUser, s_call, s_answer]) { Tools = tools };
        ChatShape[] candidates =
        [
            shape with { EmptyContentIsNone = true }, shape, shape with { EmptyContentIsNone = true, ArgumentsAsText = true }, shape with { ArgumentsAsText = true },
        ];
        foreach (var candidate in candidates)
        {
            // JSON written twice shows its quotes escaped.
            if (Try(render, input, candidate) is { } text && text.Contains(Word, StringComparison.OrdinalIgnoreCase) && !text.Contains($"\\\"{Word}\\\"", StringComparison.Ordinal))
            {
                return (candidate, FormatOf(text));
            }
        }
        return null;
    }

    private static ToolCallFormat FormatOf(string text)
    {
        if (text.Contains(ToolCallFormat.Listed.Open!, StringComparison.Ordinal))
        {
            return text.Contains(ToolCallFormat.ArgumentsMark, StringComparison.Ordinal) ? ToolCallFormat.Named : ToolCallFormat.Listed;
        }
        // The tool's own definition has "parameters" too, but not with the call's arguments in them.
        var dense = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        return dense.Contains($$"""{"name":"f","{{ToolCallFormat.Bare.Arguments}}":{"p":"{{Word}}"}""", StringComparison.Ordinal) && !text.Contains(ToolCallFormat.Tagged.Open!, StringComparison.Ordinal)
            ? ToolCallFormat.Bare
            : ToolCallFormat.Tagged;
    }

    private static bool Shows(Func<ChatTemplateInput, ChatShape, string> render, ChatTemplateInput input, ChatShape shape) =>
        Try(render, input, shape)?.Contains(Word, StringComparison.OrdinalIgnoreCase) == true;

    private static string? Try(Func<ChatTemplateInput, ChatShape, string> render, ChatTemplateInput input, ChatShape shape)
    {
        try
        {
            return render(input, shape);
        }
        catch (JinjaException)
        {
            return null;
        }
    }
}
