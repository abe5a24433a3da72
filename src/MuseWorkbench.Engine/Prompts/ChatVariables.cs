using MuseWorkbench.Engine.Prompts.Jinja.Values;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>How a template wants what can be said in several ways; found out by trying (<see cref="ChatProbe"/>).</summary>
/// <param name="ContentInParts">Content as a list of one text part, for templates that only step through parts.</param>
/// <param name="EmptyContentIsNone">A message with calls alone has the content none, else an empty text.</param>
/// <param name="ArgumentsAsText">Arguments of calls as JSON text, else as a mapping.</param>
internal sealed record ChatShape(bool ContentInParts = false, bool EmptyContentIsNone = false, bool ArgumentsAsText = false);

/// <summary>
/// The variables chat templates read. Roles and names of members are the template's own words; contents, names, calls and tools are
/// not. An image is one marked character of its message's text: templates' own markers for images are never needed.
/// </summary>
internal static class ChatVariables
{
    public static IEnumerable<KeyValuePair<string, JinjaValue>> Of(ChatTemplateInput input, ChatShape shape, RuntimeInfo model)
    {
        foreach (var (name, value) in input.Variables)
        {
            yield return new(name, JsonValues.ReadVariable(value));
        }
        yield return new("messages", Messages(input.Turns, shape));
        yield return new("tools", input.Tools is { } tools ? JsonValues.Read(tools) : JinjaNone.Value);
        if (!input.Variables.ContainsKey("documents"))
        {
            yield return new("documents", JinjaNone.Value);
        }
        yield return new("add_generation_prompt", JinjaBool.Of(input.AddGenerationPrompt));
        yield return new("bos_token", new JinjaString(model.BeginText));
        yield return new("eos_token", new JinjaString(model.EndText));
    }

    /// <summary>Each message's content as one text.</summary>
    public static IReadOnlyList<JinjaString> Contents(IReadOnlyList<ChatTurn> turns)
    {
        var images = 0;
        return [.. turns.Select((turn, number) => Flatten(turn, number, ref images))];
    }

    private static JinjaList Messages(IReadOnlyList<ChatTurn> turns, ChatShape shape)
    {
        var images = 0;
        return new JinjaList([.. turns.Select((turn, number) => Message(turn, number, shape, ref images))]);
    }

    private static JinjaMap Message(ChatTurn turn, int number, ChatShape shape, ref int images)
    {
        var members = new List<KeyValuePair<JinjaValue, JinjaValue>> { Pair("role", new JinjaString(turn.Role)), Pair("content", Content(turn, number, shape, ref images)) };
        Add("reasoning_content", turn.ReasoningContent);
        if (turn.ToolCalls.Count > 0)
        {
            members.Add(Pair("tool_calls", new JinjaList([.. turn.ToolCalls.Select(call => Call(call, shape))])));
        }
        Add("tool_call_id", turn.ToolCallId);
        Add("name", turn.Name);
        return new JinjaMap(members);

        void Add(string name, string? text)
        {
            if (text is not null)
            {
                members.Add(Pair(name, JinjaString.Untrusted(text, number)));
            }
        }
    }

    private static JinjaValue Content(ChatTurn turn, int number, ChatShape shape, ref int images)
    {
        if (turn.Content.Count == 0 && turn.ToolCalls.Count > 0 && shape.EmptyContentIsNone)
        {
            return JinjaNone.Value;
        }
        var flat = Flatten(turn, number, ref images);
        return shape.ContentInParts ? new JinjaList([Map(("type", new JinjaString("text")), ("text", flat))]) : flat;
    }

    private static JinjaString Flatten(ChatTurn turn, int number, ref int images)
    {
        var builder = new JinjaStringBuilder();
        foreach (var part in turn.Content)
        {
            builder.Append(part is ChatText text ? JinjaString.Untrusted(text.Text, number) : JinjaString.ImageAt(images++, number));
        }
        return builder.ToText();
    }

    private static JinjaMap Call(ChatToolCall call, ChatShape shape) => Map(
        ("id", JinjaString.Untrusted(call.Id)),
        ("type", new JinjaString("function")),
        ("function", Map(
            ("name", JinjaString.Untrusted(call.Name)),
            ("arguments", shape.ArgumentsAsText ? JinjaString.Untrusted(call.Arguments.GetRawText()) : JsonValues.Read(call.Arguments)))));

    private static JinjaMap Map(params IEnumerable<(string Name, JinjaValue Value)> members) => new(members.Select(m => Pair(m.Name, m.Value)));

    private static KeyValuePair<JinjaValue, JinjaValue> Pair(string name, JinjaValue value) => new(new JinjaString(name), value);
}
