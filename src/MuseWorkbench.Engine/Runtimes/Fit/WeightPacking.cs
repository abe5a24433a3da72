using MuseWorkbench.Engine.Runtimes.Gguf;

namespace MuseWorkbench.Engine.Runtimes.Fit;

/// <summary>
/// Weights that llama.cpp's CPU backend (b10361) holds twice: as they are in the file, and copied into the order its kernels
/// for AMX, or for eight rows at a time, read them in. Which matrices those are is its own rule, by type and size.
/// </summary>
internal static class WeightPacking
{
    public const string Amx = "AMX";
    public const string Repack = "CPU_REPACK";

    /// <summary>Bytes of the copies.</summary>
    /// <param name="tensors">Of the model's file.</param>
    /// <param name="buffers">Names of the buffers the CPU backend has, first choice first.</param>
    public static long Bytes(IReadOnlyCollection<GgufTensor> tensors, IReadOnlyCollection<string> buffers)
    {
        // Token embeddings are looked up, not multiplied, unless they are the output's weights as well.
        var tied = tensors.All(tensor => tensor.Name != "output.weight");
        return tensors.Where(tensor => tensor.Dimensions.Count == 2 && (tied || !tensor.Name.StartsWith("token_embd.", StringComparison.Ordinal)))
            .Sum(tensor => buffers.Select(buffer => Bytes(tensor, buffer)).FirstOrDefault(bytes => bytes > 0));
    }

    private static long Bytes(GgufTensor tensor, string buffer) => (buffer, tensor.Type, tensor.Dimensions[0], tensor.Dimensions[1]) switch
    {
        (Amx, GgufTensorType.F16, var columns, var rows) when rows % 32 == 0 && columns % 16 == 0 => tensor.Bytes,
        (Amx, GgufTensorType.Q4_0 or GgufTensorType.Q4_1, var columns, var rows) when rows % 32 == 0 && columns % 32 == 0 => tensor.Bytes,
        // A sum of 32 bits goes with each block of 34 bytes.
        (Amx, GgufTensorType.Q8_0, var columns, var rows) when rows % 32 == 0 && columns % 32 == 0 => tensor.Bytes / 34 * 38,
        (Amx, GgufTensorType.Q4_K, var columns, var rows) when rows % 32 == 0 && columns % 256 == 0 => tensor.Bytes / 144 * 148,
        (Amx, GgufTensorType.Q5_K, var columns, var rows) when rows % 32 == 0 && columns % 256 == 0 => tensor.Bytes / 176 * 180,
        (Amx, GgufTensorType.Q6_K, var columns, var rows) when rows % 32 == 0 && columns % 256 == 0 => tensor.Bytes,
        (Amx, GgufTensorType.IQ4_XS, var columns, var rows) when rows % 32 == 0 && columns % 256 == 0 => tensor.Bytes / 136 * 138,
        (Repack, GgufTensorType.Q4_0 or GgufTensorType.Q4_K or GgufTensorType.IQ4_NL, _, var rows) when rows % 8 == 0 => tensor.Bytes,
        _ => 0,
    };
}
