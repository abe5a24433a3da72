using System.Globalization;

namespace MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

/// <summary>A model in several files: every part is there, is a GGUF file, and knows which part it is.</summary>
internal static class SplitChecks
{
    public static void PartsAreComplete(ModelHeader model)
    {
        var count = FindPart(model.File, "split.count", model) ?? 1;
        if (count <= 1)
        {
            return;
        }

        if (FindPart(model.File, "split.no", model) is not 0)
        {
            throw model.Unusable($"it is not the first of its {count} parts; give the one whose name ends with {Ending(1, count)}");
        }

        if (!model.Path.EndsWith(Ending(1, count), StringComparison.Ordinal))
        {
            throw model.Unusable($"it is the first of {count} parts, so its name must end with {Ending(1, count)}");
        }

        for (var part = 1; part < count; part++)
        {
            var path = PartPath(model.Path, part + 1, count);
            if (!File.Exists(path))
            {
                throw model.Unusable($"part {part + 1} of {count} is missing; it should be at {path}");
            }

            using var file = GgufFile.Open(path);
            var number = FindPart(file, "split.no", model);
            if (number != part)
            {
                throw model.Unusable($"{path} should be part {part + 1} of {count} but says that it is {(number is null ? "none" : $"part {number + 1}")}");
            }

            TensorChecks.CanBeComputedWith(new ModelHeader(file, path, model.Architecture));
        }
    }

    /// <summary>llama.cpp reads these keys as 16-bit numbers and aborts on another type.</summary>
    private static ushort? FindPart(GgufFile file, string key, ModelHeader model) => file.Metadata.GetValueOrDefault(key) switch
    {
        null => null,
        ushort value => value,
        var other => throw model.Unusable($"{key} is a {other.GetType().Name}, not a 16-bit number"),
    };

    private static string PartPath(string first, int number, int count) => first[..^Ending(1, count).Length] + Ending(number, count);

    private static string Ending(int number, int count) => string.Create(CultureInfo.InvariantCulture, $"-{number:00000}-of-{count:00000}.gguf");
}
