namespace MuseWorkbench.Engine;

/// <summary>What computes an image's embeddings.</summary>
public enum ImageEncoder
{
    /// <summary>Managed code where it knows the projector's type, libmtmd otherwise.</summary>
    Auto,

    /// <summary>Managed code: projectors of type <c>gemma4uv</c> only.</summary>
    Managed,

    /// <summary>llama.cpp's multimodal library, libmtmd, from the folder of its other libraries.</summary>
    Mtmd,
}
