using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Images.Mtmd;

/// <summary>The part of libmtmd's C API (build b10361) used here, under its own names. Raw files never reach it: only pixels do.</summary>
internal static unsafe partial class MtmdNative
{
    internal const string Mtmd = "mtmd";

    [LibraryImport(Mtmd)]
    internal static partial MtmdContextParams mtmd_context_params_default();

    [LibraryImport(Mtmd, EntryPoint = "mtmd_context_params_default")]
    internal static partial LlamaParamsProbe ProbeContextParams();

    [LibraryImport(Mtmd)]
    internal static partial byte* mtmd_default_marker();

    [LibraryImport(Mtmd)]
    internal static partial void mtmd_log_set(delegate* unmanaged[Cdecl]<int, byte*, nint, void> callback, nint userData);

    [LibraryImport(Mtmd, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial MtmdContextHandle mtmd_init_from_file(string path, LlamaModelHandle model, MtmdContextParams parameters);

    [LibraryImport(Mtmd)]
    internal static partial void mtmd_free(nint context);

    [LibraryImport(Mtmd)]
    internal static partial byte mtmd_support_vision(MtmdContextHandle context);

    [LibraryImport(Mtmd)]
    internal static partial byte mtmd_decode_use_non_causal(MtmdContextHandle context, nint chunk);

    [LibraryImport(Mtmd)]
    internal static partial MtmdBitmapHandle mtmd_bitmap_init(uint width, uint height, byte* pixels);

    [LibraryImport(Mtmd)]
    internal static partial void mtmd_bitmap_free(nint bitmap);

    [LibraryImport(Mtmd)]
    internal static partial MtmdChunksHandle mtmd_input_chunks_init();

    [LibraryImport(Mtmd)]
    internal static partial void mtmd_input_chunks_free(nint chunks);

    [LibraryImport(Mtmd)]
    internal static partial nuint mtmd_input_chunks_size(MtmdChunksHandle chunks);

    [LibraryImport(Mtmd)]
    internal static partial nint mtmd_input_chunks_get(MtmdChunksHandle chunks, nuint index);

    [LibraryImport(Mtmd)]
    internal static partial int mtmd_tokenize(MtmdContextHandle context, MtmdChunksHandle output, in MtmdInputText text, nint* bitmaps, nuint count);

    // A chunk belongs to its list, which must be alive.

    [LibraryImport(Mtmd)]
    internal static partial MtmdChunkType mtmd_input_chunk_get_type(nint chunk);

    [LibraryImport(Mtmd)]
    internal static partial int* mtmd_input_chunk_get_tokens_text(nint chunk, out nuint count);

    [LibraryImport(Mtmd)]
    internal static partial nint mtmd_input_chunk_get_tokens_image(nint chunk);

    [LibraryImport(Mtmd)]
    internal static partial nuint mtmd_input_chunk_get_n_tokens(nint chunk);

    [LibraryImport(Mtmd)]
    internal static partial int mtmd_input_chunk_get_n_pos(nint chunk);

    [LibraryImport(Mtmd)]
    internal static partial MtmdDecoderPos mtmd_image_tokens_get_decoder_pos(nint imageTokens, int start, nuint row);

    [LibraryImport(Mtmd)]
    internal static partial int mtmd_encode_chunk(MtmdContextHandle context, nint chunk);

    [LibraryImport(Mtmd)]
    internal static partial float* mtmd_get_output_embd(MtmdContextHandle context);
}
