namespace MuseWorkbench.Core;

/// <summary>The encodings that are accepted.</summary>
public enum ImageKind
{
    Png,
    Jpeg,
    WebP,
}
