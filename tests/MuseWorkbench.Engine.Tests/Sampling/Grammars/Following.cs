using System.Text;
using System.Text.Json;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Tests.Sampling.Grammars;

internal static class Following
{
    /// <summary>Whether a grammar takes the whole text and lets it end there.</summary>
    public static bool Takes(this Grammar grammar, string text) => grammar.Reads(Encoding.UTF8.GetBytes(text)) is { IsComplete: true };

    /// <summary>The state after these bytes; null where they do not fit.</summary>
    public static GrammarState? Reads(this Grammar grammar, params byte[] bytes)
    {
        GrammarState? state = grammar.Start;
        foreach (var next in bytes)
        {
            state = state?.Advance(next);
        }
        return state;
    }

    public static Grammar Schema(string json)
    {
        using var document = JsonDocument.Parse(json);
        return SchemaGrammar.Compile(document.RootElement);
    }
}
