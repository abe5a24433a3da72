using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Images.Mtmd;

// Structs of libmtmd b10361, passed by value or by address: field order and widths are those of its mtmd.h.

/// <summary><c>mtmd_context_params</c></summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MtmdContextParams
{
    public byte UseGpu;
    public byte PrintTimings;
    public int Threads;
    public nint ImageMarker;
    public nint MediaMarker;
    public int FlashAttention;
    public byte WarmUp;
    public int ImageMinTokens;
    public int ImageMaxTokens;
    public nint EvaluationCallback;
    public nint EvaluationUserData;
    public int BatchMaxTokens;
    public nint ProgressCallback;
    public nint ProgressUserData;
}

/// <summary><c>mtmd_input_text</c></summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MtmdInputText
{
    public nint Text;
    public nuint Length;
    public byte AddSpecial;
    public byte ParseSpecial;
}

/// <summary><c>mtmd_decoder_pos</c>: note its order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MtmdDecoderPos
{
    public uint T;
    public uint X;
    public uint Y;
    public uint Z;
}

/// <summary><c>mtmd_input_chunk_type</c></summary>
internal enum MtmdChunkType
{
    Text = 0,
    Image = 1,
    Audio = 2,
}
