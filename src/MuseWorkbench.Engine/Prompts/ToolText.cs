using System.Text.Json;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>
/// Tools and calls written into messages, for templates that have no place for them: calls in the markup
/// <c>&lt;tool_call&gt;{"name":…,"arguments":{…}}&lt;/tool_call&gt;</c>, which most open models know.
/// </summary>
internal static class ToolText
{
    /// <summary>Puts the tools at the end of the first system message, or into a new one.</summary>
    public static ChatTemplateInput WithToolsInText(this ChatTemplateInput input)
    {
        if (input.Tools is not { ValueKind: JsonValueKind.Array } tools || tools.GetArrayLength() == 0)
        {
            return input;
        }
        var text = "You can call these functions:\n\n<tools>\n" + string.Join('\n', tools.EnumerateArray().Select(t => t.GetRawText())) + "\n</tools>\n\n"
            + "To call one, reply with its name and arguments as a JSON object within <tool_call></tool_call>:\n"
            + "<tool_call>\n{\"name\": <name>, \"arguments\": <arguments>}\n</tool_call>";
        IReadOnlyList<ChatTurn> turns = input.Turns is [{ Role: "system" } first, ..]
            ? [first with { Content = [.. first.Content, new ChatText("\n\n" + text)] }, .. input.Turns.Skip(1)]
            : [new ChatTurn("system", [new ChatText(text)]), .. input.Turns];
        return input with { Turns = turns, Tools = null };
    }

    /// <summary>Puts each assistant's calls at the end of its content.</summary>
    public static ChatTemplateInput WithCallsInText(this ChatTemplateInput input) => input with { Turns = [.. input.Turns.Select(Write)] };

    private static ChatTurn Write(ChatTurn turn)
    {
        if (turn.ToolCalls.Count == 0)
        {
            return turn;
        }
        var calls = turn.ToolCalls.Select(c => $"<tool_call>\n{{\"name\": {JsonSerializer.Serialize(c.Name)}, \"arguments\": {c.Arguments.GetRawText()}}}\n</tool_call>");
        return turn with { Content = [.. turn.Content, new ChatText((turn.Content.Count > 0 ? "\n" : "") + string.Join('\n', calls))], ToolCalls = [] };
    }
}
