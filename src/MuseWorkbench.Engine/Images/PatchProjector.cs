using System.Numerics.Tensors;
using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Images;

/// <summary>
/// The weights that turn square patches of pixels into embedding rows without a vision tower:
/// normalise → linear → normalise → + position → normalise → root-mean-square normalise → linear.
/// Immutable, so usable from any thread.
/// </summary>
internal sealed class PatchProjector
{
    /// <summary>Fixed by the architecture; only the last normalisation's is in the file.</summary>
    private const float LayerNormEpsilon = 1e-5f;

    /// <summary>Pixels a side; what is derived from it stays within 32 bits.</summary>
    private const int MaxPatchSize = 4096;

    /// <summary>Multiply-adds below which more threads cost more than they bring.</summary>
    private const long ParallelWork = 100_000_000;

    private readonly LayerNorm _pixels;
    private readonly LayerNorm _patch;
    private readonly LayerNorm _position;
    private readonly float[] _weights;
    private readonly float[] _bias;
    private readonly float[] _positions;
    private readonly float[] _projection;
    private readonly float[][] _levels;
    private readonly float _rmsEpsilon;

    /// <exception cref="InvalidDataException">A tensor or key is missing or of the wrong size.</exception>
    public PatchProjector(GgufFile file)
    {
        const string vision = "clip.vision.";
        PatchSize = ReadSize(file, vision + "patch_size", 1024) * ReadSize(file, vision + "projector.scale_factor", 64, 3);
        InputSize = PatchSize <= MaxPatchSize
            ? PatchSize * PatchSize * 3
            : throw new InvalidDataException($"The projector's patches are {PatchSize} pixels a side; {MaxPatchSize} is the most that is possible.");
        HiddenSize = ReadSize(file, vision + "embedding_length", 1 << 20);
        _rmsEpsilon = (float)file.RequireNumber(vision + "attention.layer_norm_epsilon");
        _levels = ReadLevels(file.RequireArray<float>(vision + "image_mean"), file.RequireArray<float>(vision + "image_std"));

        _pixels = ReadNorm(file, 1, InputSize);
        _weights = Read(file, "v.patch_embd.weight", InputSize, HiddenSize);
        _bias = Read(file, "v.patch_embd.bias", HiddenSize);
        _patch = ReadNorm(file, 2, HiddenSize);
        MaxSide = (int)Math.Min(int.MaxValue, file.RequireTensor("v.position_embd.weight").Dimensions.ElementAtOrDefault(1));
        _positions = Read(file, "v.position_embd.weight", HiddenSize, MaxSide, 2);
        _position = ReadNorm(file, 3, HiddenSize);
        OutputSize = (int)Math.Min(int.MaxValue, file.RequireTensor("mm.input_projection.weight").Dimensions.ElementAtOrDefault(1));
        _projection = Read(file, "mm.input_projection.weight", HiddenSize, OutputSize);
    }

    /// <summary>Pixels a side of one patch.</summary>
    public int PatchSize { get; }

    /// <summary>Most patches in one direction: rows of a position table.</summary>
    public int MaxSide { get; }

    /// <summary>Width of an embedding row.</summary>
    public int OutputSize { get; }

    private int InputSize { get; }

    private int HiddenSize { get; }

    /// <param name="canvas">RGB; both sides whole patches, at most <see cref="MaxSide"/> of them.</param>
    /// <param name="width">Of the canvas, pixels.</param>
    /// <param name="height">Of the canvas, pixels.</param>
    /// <returns>A row per patch, left to right, then top to bottom.</returns>
    public float[] Project(byte[] canvas, int width, int height)
    {
        var columns = width / PatchSize;
        var count = columns * (height / PatchSize);
        var rows = new float[count * OutputSize];
        if ((long)count * InputSize * HiddenSize < ParallelWork)
        {
            ProjectRange(0, count);
        }
        else
        {
            var part = Math.Max(1, (count + (Environment.ProcessorCount * 4) - 1) / (Environment.ProcessorCount * 4));
            Parallel.For(0, (count + part - 1) / part, i => ProjectRange(i * part, Math.Min(count, (i + 1) * part)));
        }

        return rows;

        void ProjectRange(int from, int to)
        {
            var input = new float[InputSize];
            var hidden = new float[HiddenSize];
            for (var i = from; i < to; i++)
            {
                var (x, y) = (i % columns, i / columns);
                Gather(canvas, width, x, y, input);
                ProjectPatch(input, x, y, hidden, rows.AsSpan(i * OutputSize, OutputSize));
            }
        }
    }

    private void ProjectPatch(Span<float> input, int x, int y, Span<float> hidden, Span<float> row)
    {
        _pixels.Apply(input);
        Multiply(_weights, input, hidden);
        TensorPrimitives.Add(hidden, _bias, hidden);
        _patch.Apply(hidden);
        TensorPrimitives.Add(hidden, _positions.AsSpan(x * HiddenSize, HiddenSize), hidden);
        TensorPrimitives.Add(hidden, _positions.AsSpan((MaxSide + y) * HiddenSize, HiddenSize), hidden);
        _position.Apply(hidden);
        TensorPrimitives.Multiply(hidden, 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(hidden) / HiddenSize) + _rmsEpsilon), hidden);
        Multiply(_projection, hidden, row);
    }

    /// <summary>One patch as channel, row, column, its levels normalised.</summary>
    private void Gather(ReadOnlySpan<byte> canvas, int width, int x, int y, Span<float> input)
    {
        for (var row = 0; row < PatchSize; row++)
        {
            var line = canvas.Slice(((((y * PatchSize) + row) * width) + (x * PatchSize)) * 3, PatchSize * 3);
            for (var c = 0; c < 3; c++)
            {
                var levels = _levels[c];
                var at = ((c * PatchSize) + row) * PatchSize;
                for (var column = 0; column < PatchSize; column++)
                {
                    input[at + column] = levels[line[(column * 3) + c]];
                }
            }
        }
    }

    private static void Multiply(ReadOnlySpan<float> matrix, ReadOnlySpan<float> vector, Span<float> result)
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = TensorPrimitives.Dot(matrix.Slice(i * vector.Length, vector.Length), vector);
        }
    }

    private static float[][] ReadLevels(IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
    {
        if (mean.Count != 3 || deviation.Count != 3 || deviation.Any(d => !(d > 0)))
        {
            throw new InvalidDataException("The projector's image mean and deviation must be three numbers each, the latter above 0.");
        }

        return [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256).Select(level => ((level / 255f) - mean[c]) / deviation[c]).ToArray())];
    }

    private static LayerNorm ReadNorm(GgufFile file, int index, int size) =>
        new(Read(file, $"v.patch_norm.{index}.weight", size), Read(file, $"v.patch_norm.{index}.bias", size));

    private static float[] Read(GgufFile file, string name, params ReadOnlySpan<int> dimensions)
    {
        var tensor = file.RequireTensor(name);
        var expected = dimensions.ToArray().Select(d => (long)d);
        return tensor.Dimensions.SequenceEqual(expected)
            ? file.ReadFloats(name)
            : throw new InvalidDataException($"Tensor \"{name}\" of the projector is {string.Join(" × ", tensor.Dimensions)}, not {string.Join(" × ", expected)}.");
    }

    private static int ReadSize(GgufFile file, string key, int most, int? absent = null)
    {
        var value = absent is null ? file.RequireInteger(key) : file.FindInteger(key) ?? absent.Value;
        return value >= 1 && value <= most
            ? (int)value
            : throw new InvalidDataException($"Metadata key \"{key}\" of the projector is {value}; 1 to {most} is possible.");
    }

    private sealed record LayerNorm(float[] Weight, float[] Bias)
    {
        public void Apply(Span<float> values)
        {
            TensorPrimitives.Subtract(values, TensorPrimitives.Sum<float>(values) / values.Length, values);
            var variance = TensorPrimitives.SumOfSquares<float>(values) / values.Length;
            TensorPrimitives.Multiply(values, 1 / MathF.Sqrt(variance + LayerNormEpsilon), values);
            TensorPrimitives.MultiplyAdd(values, Weight, Bias, values);
        }
    }
}
