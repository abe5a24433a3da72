using System.Text;
using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>
/// JSON Schema as a grammar. What it writes is always valid under the schema; it writes not all that is valid: properties come in
/// the schema's order, and properties that are not named come only where <c>additionalProperties</c> asks for them.
/// </summary>
public static class SchemaGrammar
{
    /// <summary>The longest schema, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The deepest nesting of schemas in schemas.</summary>
    public const int MaxDepth = 32;

    /// <exception cref="SchemaException">Something in it is not supported.</exception>
    public static Grammar Compile(JsonElement schema)
    {
        var compiler = Compiler("s", schema);
        return Finish($"root ::= ws {compiler.Compile(schema, "", 0)} ws\n{compiler.Text}");
    }

    /// <summary>The calls of tools in the markup <c>&lt;tool_call&gt;{"name":…,"arguments":{…}}&lt;/tool_call&gt;</c>.</summary>
    /// <param name="tools">Names and the schemas of their parameters; null takes any object.</param>
    /// <param name="most">Calls in one reply, at least 1.</param>
    /// <exception cref="SchemaException">Something in a schema is not supported; its pointer is one into OpenAI's <c>tools</c>.</exception>
    public static Grammar CompileTools(IReadOnlyList<(string Name, JsonElement? Parameters)> tools, int most)
    {
        var text = new StringBuilder($"root ::= ws call{(most > 1 ? $" (ws call){{0,{most - 1}}}" : "")} ws\n");
        text.Append("call ::= \"<tool_call>\" ws \"{\" ws \"\\\"name\\\"\" ws \":\" ws (");
        text.AppendJoin(" | ", Enumerable.Range(0, tools.Count).Select(i => $"tool-{i}")).Append(") ws \"}\" ws \"</tool_call>\"\n");
        for (var i = 0; i < tools.Count; i++)
        {
            var arguments = "object-" + JsonGrammar.MaxNesting;
            if (tools[i].Parameters is { } schema)
            {
                try
                {
                    var compiler = Compiler($"t{i}", schema);
                    arguments = compiler.Compile(schema, "", 0);
                    text.Append(compiler.Text);
                }
                catch (SchemaException exception)
                {
                    throw new SchemaException($"/{i}/function/parameters{exception.Pointer}", exception.Reason);
                }
            }
            var name = SchemaCompiler.Constant(tools[i].Name);
            text.Append($"tool-{i} ::= {name} ws \",\" ws \"\\\"arguments\\\"\" ws \":\" ws {arguments}\n");
        }
        return Finish(text.ToString());
    }

    private static SchemaCompiler Compiler(string prefix, JsonElement schema) =>
        Encoding.UTF8.GetByteCount(schema.GetRawText()) <= MaxBytes
            ? new(prefix, schema)
            : throw new SchemaException("", $"the schema is larger than {MaxBytes / 1024} KiB.");

    private static Grammar Finish(string text)
    {
        try
        {
            return Grammar.Compile(text + JsonGrammar.Rules);
        }
        catch (GrammarException exception)
        {
            // The lines are of text nobody wrote.
            var reason = exception.Message[(exception.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..];
            throw new SchemaException("", $"the schema can't be followed: {reason}");
        }
    }
}
