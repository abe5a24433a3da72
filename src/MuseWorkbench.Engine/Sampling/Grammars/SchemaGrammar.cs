using System.Text;
using System.Text.Json;
using MuseWorkbench.Engine.Requests;

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

    /// <summary>The calls of tools as a model writes them.</summary>
    /// <param name="tools">Names and the schemas of their parameters; null takes any object.</param>
    /// <param name="most">Calls in one reply, at least 1; where a call is the whole reply it is one.</param>
    /// <exception cref="SchemaException">Something in a schema is not supported; its pointer is one into OpenAI's <c>tools</c>.</exception>
    public static Grammar CompileTools(IReadOnlyList<(string Name, JsonElement? Parameters)> tools, int most, ToolCallFormat format)
    {
        var (open, close) = (GrammarText.Literal(format.Open ?? ""), GrammarText.Literal(format.Close ?? ""));
        var any = string.Join(" | ", Enumerable.Range(0, tools.Count).Select(i => $"tool-{i}"));
        var text = new StringBuilder(
            format == ToolCallFormat.Bare ? "root ::= ws object ws\n"
            : format == ToolCallFormat.Listed ? $"root ::= ws {open} ws \"[\" ws object{Others("ws \",\" ws object", most)} ws \"]\" ws\n"
            : $"root ::= ws call{Others("ws call", most)} ws\n");
        text.Append(format == ToolCallFormat.Named ? $"call ::= {open} ({any})\n" : $"object ::= \"{{\" ws \"\\\"name\\\"\" ws \":\" ws ({any}) ws \"}}\"\n");
        if (format == ToolCallFormat.Tagged)
        {
            text.Append($"call ::= {open} ws object ws {close}\n");
        }
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
            text.Append(format == ToolCallFormat.Named
                ? $"tool-{i} ::= {GrammarText.Literal(tools[i].Name)} {GrammarText.Literal(ToolCallFormat.ArgumentsMark)} ws {arguments}\n"
                : $"tool-{i} ::= {SchemaCompiler.Constant(tools[i].Name)} ws \",\" ws \"\\\"{format.Arguments}\\\"\" ws \":\" ws {arguments}\n");
        }
        return Finish(text.ToString());
    }

    private static string Others(string what, int most) => most > 1 ? $" ({what}){{0,{most - 1}}}" : "";

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
