using System.ComponentModel.DataAnnotations;
using MuseWorkbench.Core;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine;

/// <summary>What to load and how much of the machine to give it. Configuration section <see cref="Section"/>.</summary>
public sealed class EngineOptions
{
    public const string Section = "Engine";

    /// <summary>Path of the text model, a GGUF file.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Model { get; set; } = "";

    /// <summary>Path of the image projector, a GGUF file; null for a text model.</summary>
    public string? Projector { get; set; }

    /// <summary>How images are brought to size; null takes what the projector says.</summary>
    [EnumDataType(typeof(ImageFit))]
    public ImageFit? ImageFit { get; set; }

    /// <summary>What computes an image's embeddings.</summary>
    [EnumDataType(typeof(ImageEncoder))]
    public ImageEncoder ImageEncoder { get; set; }

    /// <summary>How the model writes places in images, one of the names in docs/grounding.md; null where its name and architecture say.</summary>
    [StringLength(64)]
    public string? Grounding { get; set; }

    /// <summary>KV cells, shared by all sequences. A sequence is never longer than the model was trained for.</summary>
    [Range(16, 16 * 1024 * 1024)]
    public int ContextSize { get; set; } = 16384;

    /// <summary>Sequences computed at once and prefixes kept, together.</summary>
    [Range(1, 256)]
    public int MaxSequences { get; set; } = 64;

    /// <summary>Most rows of one decode: the per-step token budget.</summary>
    [Range(1, 65536)]
    public int BatchSize { get; set; } = 512;

    /// <summary>CPU threads of a decode; null lets the runtime choose.</summary>
    [Range(1, 1024)]
    public int? Threads { get; set; }

    /// <summary>Layers put on a GPU, where there is one; −1 is all of them.</summary>
    [Range(-1, 10000)]
    public int GpuLayers { get; set; } = -1;

    /// <summary>The GPUs layers are put on, by llama.cpp's names and separated by commas (<c>CUDA0,CUDA1</c>); null for all there are.</summary>
    [StringLength(256)]
    public string? Devices { get; set; }

    /// <summary>How the KV cache is stored.</summary>
    [EnumDataType(typeof(KvCacheType))]
    public KvCacheType KvType { get; set; } = KvCacheType.Auto;

    /// <summary>Whether attention is computed by llama.cpp's fused kernel.</summary>
    public FlashAttention FlashAttention { get; set; } = FlashAttention.Auto;

    /// <summary>Whether every weight is read and checked to be a number before use; null does so for files up to 1 GiB.</summary>
    public bool? CheckTensors { get; set; }

    /// <summary>Folder of the llama.cpp libraries, libmtmd among them where projectors need it; null for those beside the assembly.</summary>
    public string? NativeDirectory { get; set; }

    /// <summary>Bytes of image embeddings kept for reuse.</summary>
    [Range(0, long.MaxValue)]
    public long ImageCacheBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Finished prompts kept for reuse, at most; null keeps as many as there are sequences.</summary>
    [Range(0, 256)]
    public int? PrefixCacheEntries { get; set; }

    /// <summary>Bytes of KV cache that finished prompts may keep; null is all that running sequences leave.</summary>
    [Range(0, long.MaxValue)]
    public long? PrefixCacheBytes { get; set; }

    /// <summary>Rows computed since a finished prompt was last used after which it leaves the KV cache; null is where keeping it has cost as much as having it again.</summary>
    [Range(0, long.MaxValue)]
    public long? PrefixCacheRows { get; set; }

    /// <summary>
    /// Bytes of host memory for finished prompts that had to leave the KV cache, to be put back rather than computed again; 0 for none.
    /// Null is as much as the KV cache takes, at most an eighth of the machine's memory.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long? PrefixStoreBytes { get; set; }

    /// <summary>How long a step may take while sequences generate, milliseconds: prompts are computed in pieces that keep to it, or to twice the time of the generating rows alone.</summary>
    [Range(1, 60_000)]
    public double StallMilliseconds { get; set; } = 60;
}
