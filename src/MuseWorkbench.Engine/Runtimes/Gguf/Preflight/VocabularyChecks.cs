using System.Globalization;

namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>
/// The vocabulary: llama.cpp asserts that its tokens differ, reads lists beside it without looking at their type, and
/// looks tokens up while it tokenises a prompt, where a missing one ends the process.
/// </summary>
internal static class VocabularyChecks
{
    public const string Tokens = "tokenizer.ggml.tokens";

    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Byte-pair encoders; their merges are read as texts without a look at their type.</summary>
    private static readonly string[] s_merging = ["gpt2", "gemma4", "hybriddna", "whitespace"];

    /// <summary>Those that write a byte without a token of its own as <c>&lt;0xHH&gt;</c>.</summary>
    private static readonly string[] s_bytewise = ["llama", "plamo2"];

    public static void TokenizerIsKnown(ModelHeader model)
    {
        var tokenizer = model.File.FindString(Prefix + "model");
        if (tokenizer is null or "none" or "no_vocab")
        {
            throw new RuntimeLoadException($"{model.Path} carries no tokenizer ({Prefix}model), so it cannot read text.");
        }

        // Left out: bert and t5, which only encoders use, and rwkv, whose models keep no cells to share. Their loaders assert more.
        if (!s_merging.Contains(tokenizer) && !s_bytewise.Contains(tokenizer))
        {
            throw new RuntimeLoadException($"{model.Path} needs the tokenizer \"{tokenizer}\"; known are {string.Join(", ", s_bytewise.Concat(s_merging))}.");
        }
    }

    public static void TokensAreUnique(ModelHeader model)
    {
        var tokens = model.File.RequireArray<string>(Tokens);
        if (tokens.Count == 0)
        {
            throw model.Unusable("its vocabulary is empty");
        }

        var seen = new HashSet<string>(tokens.Count, StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
        {
            // llama.cpp reads to the first NUL, and names empty tokens itself.
            var token = tokens[id].Split('\0', 2)[0];
            if (!seen.Add(token.Length > 0 ? token : $"[EMPTY_{id}]"))
            {
                throw model.Unusable($"token \"{token}\" is in the vocabulary twice");
            }
        }
    }

    public static void ListsFitTheTokens(ModelHeader model)
    {
        var tokens = model.File.RequireArray<string>(Tokens);
        CheckLength(model.File.FindArray<float>(Prefix + "scores")?.Count, "scores");
        CheckLength(Types(model)?.Count, "token_type");
        _ = model.File.FindArray<int>(Prefix + "suppress_tokens");
        var merges = model.File.FindArray<string>(Prefix + "merges");
        if (merges is null && s_merging.Contains(model.File.RequireString(Prefix + "model")) && model.File.FindString(Prefix + "pre") != "kimi-k2")
        {
            throw model.Unusable($"it lacks {Prefix}merges");
        }

        void CheckLength(int? count, string name)
        {
            if (count < tokens.Count)
            {
                throw model.Unusable($"{Prefix}{name} has {count} entries for {tokens.Count} tokens");
            }
        }
    }

    public static void BytesHaveTokens(ModelHeader model)
    {
        var tokens = model.File.RequireArray<string>(Tokens);
        const int Byte = 6;
        var types = Types(model);
        for (var id = 0; id < tokens.Count; id++)
        {
            if (types?[id] == Byte && !IsByte(tokens[id]))
            {
                throw model.Unusable($"token {id}, \"{tokens[id]}\", is of the type byte but not written <0xHH>");
            }
        }

        if (!s_bytewise.Contains(model.File.RequireString(Prefix + "model")))
        {
            return;
        }

        var known = tokens.ToHashSet(StringComparer.Ordinal);
        for (var value = 0; value < 256; value++)
        {
            if (!known.Contains($"<0x{value:X2}>") && !(value is > 0 and < 128 && known.Contains(((char)value).ToString())))
            {
                throw model.Unusable($"its vocabulary has no token for the byte <0x{value:X2}>, so some texts could not be read");
            }
        }

        static bool IsByte(string token) => token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>
    /// The tokens that begin and end texts are in the vocabulary. llama.cpp puts its defaults in place of those that are
    /// not, and aborts where it has none.
    /// </summary>
    public static void SpecialTokensExist(ModelHeader model)
    {
        var count = model.File.RequireArray<string>(Tokens).Count;
        foreach (var name in (ReadOnlySpan<string>)["bos", "eos", "eot", "eom"])
        {
            if (model.File.FindInteger($"{Prefix}{name}_token_id") is { } id && (id < 0 || id >= count))
            {
                throw model.Unusable($"{Prefix}{name}_token_id is {id}, but the vocabulary has {count} tokens");
            }
        }

        // Where the file names none, it takes 1 and 2 (by pieces) or 11 (by pairs), if there are as many tokens.
        var tokenizer = model.File.RequireString(Prefix + "model");
        var (begin, end) = s_bytewise.Contains(tokenizer) ? (1, 2)
            : tokenizer == "gemma4" || model.File.FindString(Prefix + "pre") is "gemma4" ? (count, count)
            : (11, 11);
        CheckWanted("bos", begin, byDefault: true); // some formats begin every text where the file says nothing
        CheckWanted("eos", end, byDefault: false);

        void CheckWanted(string name, int assumed, bool byDefault)
        {
            if ((model.File.FindBoolean($"{Prefix}add_{name}_token") ?? byDefault)
                && model.File.FindInteger($"{Prefix}{name}_token_id") is null && assumed >= count)
            {
                throw model.Unusable($"texts shall have a token put at an end ({Prefix}add_{name}_token), but {Prefix}{name}_token_id does not name one");
            }
        }
    }

    private static IReadOnlyList<int>? Types(ModelHeader model) =>
        model.File.Metadata.GetValueOrDefault(Prefix + "token_type") is uint[] types
            ? [.. types.Select(type => (int)type)]
            : model.File.FindArray<int>(Prefix + "token_type");
}
