namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>The numbers a model is built from: llama.cpp divides by some of them and asserts others while it builds the graph.</summary>
internal static class ShapeChecks
{
    /// <summary>llama.cpp's own limit (<c>LLAMA_MAX_LAYERS</c>), the length of its arrays by layer.</summary>
    private const int MaxLayers = 512;

    /// <summary>llama.cpp's own limit (<c>LLAMA_MAX_EXPERTS</c>).</summary>
    private const int MaxExperts = 512;

    private const int MaxHeads = 1 << 16;

    /// <summary>Wider than any model by far; what is derived from it stays within 32 bits.</summary>
    private const int MaxWidth = 1 << 24;

    /// <summary>Keys by layer that hold fractions, and so may be lists of them.</summary>
    private static readonly string[] s_fractions = ["swiglu_clamp_exp", "swiglu_clamp_shexp"];

    /// <summary>Architectures whose graph asserts that keys, values and rotation are of one width.</summary>
    private static readonly string[] s_oneHeadWidth =
        ["llama", "llama4", "deci", "qwen2", "qwen2moe", "qwen3", "qwen3moe", "mistral3", "phi3", "falcon", "gpt2", "starcoder2", "olmo2", "stablelm", "granite", "glm4", "internlm2"];

    public static void SizesAreInRange(ModelHeader model)
    {
        CheckRange("block_count", MaxLayers);
        CheckRange("context_length", int.MaxValue);
        CheckRange("embedding_length", MaxWidth);
        CheckRange("embedding_length_out", MaxWidth);
        CheckRange("attention.key_length", MaxWidth);
        CheckRange("attention.value_length", MaxWidth);
        CheckRange("rope.dimension_count", MaxWidth);
        CheckRange("rope.scaling.original_context_length", int.MaxValue);

        void CheckRange(string name, int most)
        {
            if (model.File.FindInteger(model.Key(name)) is { } value && (value < 1 || value > most))
            {
                throw model.Unusable($"{model.Key(name)} is {value}; 1 to {most} is possible");
            }
        }
    }

    /// <summary>Each key and value head serves a whole number of query heads.</summary>
    public static void HeadsDivide(ModelHeader model)
    {
        var heads = model.FindByLayer("attention.head_count");
        var shared = model.FindByLayer("attention.head_count_kv");
        var least = heads.Count > 1 ? 0 : 1;
        if (heads.Any(count => count < least || count > MaxHeads) || shared.Any(count => count < 0 || count > MaxHeads))
        {
            throw model.Unusable($"{model.Key("attention.head_count")} and head_count_kv must be {least} to {MaxHeads}");
        }

        for (var layer = 0; heads.Count > 0 && layer < Math.Max(heads.Count, shared.Count); layer++)
        {
            var (of, by) = (At(heads, layer), shared.Count > 0 ? At(shared, layer) : 0);
            if (by > 0 && of % by != 0)
            {
                throw model.Unusable($"{of} attention heads cannot share {by} key and value heads (layer {layer})");
            }
        }

        static long At(IReadOnlyList<long> counts, int layer) => counts.Count == 1 ? counts[0] : counts.ElementAtOrDefault(layer);
    }

    public static void HeadWidthsAgree(ModelHeader model)
    {
        if (model.FindOne("rope.dimension_count") is { } turned && turned % 2 != 0)
        {
            throw model.Unusable($"{model.Key("rope.dimension_count")} is {turned}; dimensions are rotated in pairs");
        }

        if (!s_oneHeadWidth.Contains(model.Architecture)
            || model.FindOne("embedding_length") is not { } width || model.FindByLayer("attention.head_count") is not [> 0, ..] heads)
        {
            return;
        }

        var keys = model.FindOne("attention.key_length") ?? width / heads[0];
        var values = model.FindOne("attention.value_length") ?? width / heads[0];
        if (keys != values || keys < 1 || keys % 2 != 0)
        {
            throw model.Unusable($"its attention keys are {keys} wide and its values {values}; both must have the same even width");
        }
    }

    public static void ExpertsAgree(ModelHeader model)
    {
        var all = model.FindOne("expert_count") ?? 0;
        var used = model.FindOne("expert_used_count") ?? 0;
        var groups = model.FindOne("expert_group_count") ?? 0;
        var usedGroups = model.FindOne("expert_group_used_count") ?? 0;
        if (all is < 0 or > MaxExperts || used < 0 || used > all || (all > 0 && used == 0))
        {
            throw model.Unusable($"it uses {used} of {all} experts; 1 to all of at most {MaxExperts} is possible");
        }

        if (groups < 0 || (groups > 0 && groups >= all) || (groups > 1 && (all % groups != 0 || usedGroups < 1 || usedGroups >= groups)))
        {
            throw model.Unusable($"{all} experts do not fall into {groups} groups of which {usedGroups} are used");
        }
    }

    /// <summary>Numbers that llama.cpp asserts when it computes with them.</summary>
    public static void NumbersAreUsable(ModelHeader model)
    {
        foreach (var name in (ReadOnlySpan<string>)["attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon", "attention.group_norm_epsilon"])
        {
            if (model.File.FindNumber(model.Key(name)) is { } epsilon && !(epsilon >= 0 && float.IsFinite((float)epsilon)))
            {
                throw model.Unusable($"{model.Key(name)} is {epsilon}; it must be a number from 0");
            }
        }

        if (model.File.FindNumber(model.Key("rope.freq_base")) is { } frequency && !(frequency > 0 && float.IsFinite((float)frequency)))
        {
            throw model.Unusable($"{model.Key("rope.freq_base")} is {frequency}; it must be a number above 0");
        }

        if (model.File.FindString(model.Key("rope.scaling.type")) is { } scaling && scaling is not ("none" or "linear" or "yarn" or "longrope"))
        {
            throw model.Unusable($"{model.Key("rope.scaling.type")} is \"{scaling}\"; none, linear, yarn and longrope are known");
        }
    }

    /// <summary>llama.cpp aborts on a list of another type than it wants, and takes its length on trust.</summary>
    public static void ArraysAreOfTheirTypes(ModelHeader model)
    {
        var prefix = model.Key("");
        foreach (var (key, value) in model.File.Metadata)
        {
            if (value is not Array list || !(key.StartsWith(prefix, StringComparison.Ordinal) || key.StartsWith("xielu.", StringComparison.Ordinal)))
            {
                continue;
            }

            var name = key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : key;
            var fits = name == "classifier.output_labels" ? list is string[]
                : s_fractions.Contains(name) || name == key ? list is float[]
                : list is int[] or uint[] or bool[];
            if (!fits)
            {
                throw model.Unusable($"{key} is a list of {list.GetType().GetElementType()!.Name}, which no such key is");
            }
        }
    }
}
