namespace MuseWorkbench.Engine.Runtimes.Gguf;

/// <summary>Where a tensor lies in a GGUF file and how it is stored.</summary>
/// <param name="Name">Unique in the file.</param>
/// <param name="Dimensions">Elements per dimension, the contiguous one first (the reverse of a row-major shape).</param>
/// <param name="Type">How elements are stored.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Elements">Product of the dimensions.</param>
/// <param name="Bytes">Length of the data.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<long> Dimensions, GgufTensorType Type, long Offset, long Elements, long Bytes);

/// <summary>Storage of a tensor's elements. Values follow ggml; those of b10361 are all named.</summary>
internal enum GgufTensorType
{
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q8_1 = 9,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    Q8_K = 15,
    IQ2_XXS = 16,
    IQ2_XS = 17,
    IQ3_XXS = 18,
    IQ1_S = 19,
    IQ4_NL = 20,
    IQ3_S = 21,
    IQ2_S = 22,
    IQ4_XS = 23,
    I8 = 24,
    I16 = 25,
    I32 = 26,
    I64 = 27,
    F64 = 28,
    IQ1_M = 29,
    BF16 = 30,
    TQ1_0 = 34,
    TQ2_0 = 35,
    MXFP4 = 39,
    NVFP4 = 40,
    Q1_0 = 41,
    Q2_0 = 42,
}

internal static class GgufTensorTypes
{
    /// <summary>Elements and bytes of one block; (0, 0) where the type is not known here.</summary>
    public static (int Elements, int Bytes) Block(this GgufTensorType type) => type switch
    {
        GgufTensorType.F32 or GgufTensorType.I32 => (1, 4),
        GgufTensorType.F16 or GgufTensorType.BF16 or GgufTensorType.I16 => (1, 2),
        GgufTensorType.F64 or GgufTensorType.I64 => (1, 8),
        GgufTensorType.I8 => (1, 1),
        GgufTensorType.Q4_0 or GgufTensorType.IQ4_NL => (32, 18),
        GgufTensorType.Q4_1 => (32, 20),
        GgufTensorType.Q5_0 => (32, 22),
        GgufTensorType.Q5_1 => (32, 24),
        GgufTensorType.Q8_0 => (32, 34),
        GgufTensorType.Q8_1 => (32, 36),
        GgufTensorType.MXFP4 => (32, 17),
        GgufTensorType.Q2_K => (256, 84),
        GgufTensorType.Q3_K => (256, 110),
        GgufTensorType.Q4_K => (256, 144),
        GgufTensorType.Q5_K => (256, 176),
        GgufTensorType.Q6_K => (256, 210),
        GgufTensorType.Q8_K => (256, 292),
        GgufTensorType.IQ4_XS => (256, 136),
        GgufTensorType.IQ2_XXS => (256, 66),
        GgufTensorType.IQ2_XS => (256, 74),
        GgufTensorType.IQ2_S => (256, 82),
        GgufTensorType.IQ3_XXS => (256, 98),
        GgufTensorType.IQ3_S => (256, 110),
        GgufTensorType.IQ1_S => (256, 50),
        GgufTensorType.IQ1_M => (256, 56),
        GgufTensorType.TQ1_0 => (256, 54),
        GgufTensorType.TQ2_0 => (256, 66),
        GgufTensorType.NVFP4 => (64, 36),
        GgufTensorType.Q1_0 => (128, 18),
        GgufTensorType.Q2_0 => (64, 18),
        _ => (0, 0),
    };
}
