using System.Text;
using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Objects: the named properties in order, then, where asked for, others.</summary>
internal sealed class SchemaObject(SchemaCompiler compiler, ObjectShape shape, string pointer, int depth)
{
    /// <summary>Names beside others are told apart character by character.</summary>
    private const int MaxName = 256;

    private static readonly JsonElement s_any = JsonElement.Parse("true");

    public string Write()
    {
        var additional = shape.Additional;
        if (additional is null && shape.Properties.Count == 0 && shape.Required.Count == 0)
        {
            additional = s_any;
        }
        var properties = shape.Properties.ToList();
        var named = properties.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in shape.Required.Where(name => !named.Contains(name)))
        {
            properties.Add(additional is { ValueKind: JsonValueKind.False }
                ? throw new SchemaException(pointer, "'required' names a property that 'additionalProperties' excludes.")
                : (name, additional ?? s_any, $"{pointer}/additionalProperties"));
        }
        var pairs = properties.ConvertAll(p => compiler.Rule(
            $"{SchemaCompiler.Constant(p.Name)} ws \":\" ws {compiler.Compile(p.Schema, p.Pointer, depth + 1)} ws"));
        string? other = null;
        if (additional is { ValueKind: not JsonValueKind.False } schema)
        {
            if (properties.Exists(p => p.Name.Length > MaxName))
            {
                throw new SchemaException(pointer, $"beside 'additionalProperties', names may have {MaxName} characters.");
            }
            other = compiler.Rule($"\"\\\"\" {OtherName([.. properties.Select(p => p.Name)])} \"\\\"\" ws \":\" ws {compiler.Compile(schema, $"{pointer}/additionalProperties", depth + 1)} ws");
        }
        // From the last to the first: what may follow with a comma before it, and what may come as the first of all.
        var rest = other is null ? "\"\"" : $"(\",\" ws {other})*";
        var first = other is null ? "\"\"" : $"({other} (\",\" ws {other})*)?";
        for (var i = pairs.Count - 1; i >= 0; i--)
        {
            var (needed, following) = (shape.Required.Contains(properties[i].Name), rest);
            rest = compiler.Rule(needed ? $"\",\" ws {pairs[i]} {following}" : $"(\",\" ws {pairs[i]})? {following}");
            first = compiler.Rule(needed ? $"{pairs[i]} {following}" : $"{pairs[i]} {following} | {first}");
        }
        return compiler.Rule($"\"{{\" ws {first} \"}}\"");
    }

    /// <summary>
    /// A property's name that is none of these: it leaves each of them at some character, or ends early. Escapes are left out, as
    /// they could spell any of them.
    /// </summary>
    private string OtherName(IReadOnlyList<string> names) => names.Count == 0
        ? $"{JsonGrammar.Character}*"
        : Other([.. names.Select(n => n.EnumerateRunes().Select(r => r.Value).ToArray())], 0);

    private string Other(List<int[]> names, int at)
    {
        var next = names.Where(n => n.Length > at).GroupBy(n => n[at]).ToList();
        var taken = next.Select(g => (g.Key, g.Key)).Append(('"', '"')).Append(('\\', '\\')).Append((0, 0x1F)).Append((0x7F, 0x7F)).Append((0xD800, 0xDFFF));
        var text = new StringBuilder($"{GrammarText.Set(new CharacterSet(taken).Complement())} {JsonGrammar.Character}*");
        foreach (var group in next.Where(g => g.Key is > 0x1F and not ('"' or '\\' or 0x7F)))
        {
            text.Append(" | ").Append(GrammarText.Set(new([(group.Key, group.Key)]))).Append(' ').Append(Other([.. group], at + 1));
        }
        if (names.TrueForAll(n => n.Length != at))
        {
            text.Append(" | \"\"");
        }
        return compiler.Rule(text.ToString());
    }
}
