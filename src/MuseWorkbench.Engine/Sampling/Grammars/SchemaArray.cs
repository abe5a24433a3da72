using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Arrays: first what <c>prefixItems</c> lists, then <c>items</c>, in all from <c>minItems</c> to <c>maxItems</c>.</summary>
internal sealed class SchemaArray(SchemaCompiler compiler, SchemaFields fields, int depth)
{
    public string Write()
    {
        var (least, most) = (fields.Count("minItems") ?? 0, fields.Count("maxItems"));
        List<string> first = [];
        if (fields.Get("prefixItems") is { } prefix)
        {
            if (prefix.ValueKind != JsonValueKind.Array)
            {
                throw fields.Fault("prefixItems", "must be an array of schemas");
            }
            first = [.. prefix.EnumerateArray().Select((item, i) => compiler.Compile(item, $"{fields.Pointer}/prefixItems/{i}", depth + 1))];
        }
        var more = fields.Get("items") switch
        {
            { ValueKind: JsonValueKind.False } => null,
            { } items => compiler.Rule(compiler.Compile(items, $"{fields.Pointer}/items", depth + 1)),
            // Nothing is said of what follows a prefix; leaving it out is valid.
            null => first.Count > 0 ? null : "value",
        };
        if (most < least || (more is null && first.Count < least))
        {
            throw fields.Fault("minItems", "asks for more items than there can be");
        }
        first = first[..Math.Min(first.Count, most ?? first.Count)];
        return compiler.Rule($"\"[\" ws {From(0, first, more, least, most)} \"]\"");
    }

    /// <summary>What follows the first <paramref name="done"/> items, comma included.</summary>
    private string From(int done, List<string> first, string? more, int least, int? most)
    {
        if (done < first.Count)
        {
            var item = $"{(done > 0 ? "\",\" ws " : "")}{first[done]} ws {From(done + 1, first, more, least, most)}";
            return done < least ? item : $"({compiler.Rule(item)})?";
        }
        if (more is null || most == done)
        {
            return "\"\"";
        }
        var (need, can) = (Math.Max(least - done, 0), most - done);
        if (done > 0)
        {
            return $"(\",\" ws {more} ws){{{need},{can}}}";
        }
        var all = $"{more} ws (\",\" ws {more} ws){{{Math.Max(need - 1, 0)},{can - 1}}}";
        return need > 0 ? all : $"({all})?";
    }
}
