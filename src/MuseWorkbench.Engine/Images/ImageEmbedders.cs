using MuseWorkbench.Core;
using MuseWorkbench.Engine.Images.Mtmd;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Gguf;
using MuseWorkbench.Engine.Runtimes.Gguf.Preflight;

namespace MuseWorkbench.Engine.Images;

/// <summary>Chooses what computes a projector.</summary>
internal static class ImageEmbedders
{
    /// <summary>Whether managed code is to compute the projector.</summary>
    /// <exception cref="NotSupportedException">The file is no projector, or is to be computed by managed code that doesn't know its type.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static bool IsManaged(string path, ImageEncoder encoder, out string type)
    {
        using var file = GgufFile.Open(path);
        if (file.FindString("general.architecture") is { } architecture && architecture != "clip")
        {
            throw new NotSupportedException($"{path} is a model of architecture \"{architecture}\", not an image projector; give it as the model.");
        }

        type = file.FindString("clip.vision.projector_type") ?? file.FindString("clip.projector_type") ?? "unnamed";
        var managed = encoder switch
        {
            ImageEncoder.Managed when type != PatchEmbedder.ProjectorType => throw new NotSupportedException(
                $"Managed code computes image projectors of type \"{PatchEmbedder.ProjectorType}\", and {path} is of type \"{type}\": set Engine:ImageEncoder to Auto."),
            ImageEncoder.Mtmd => false,
            _ => type == PatchEmbedder.ProjectorType,
        };
        if (!managed)
        {
            ProjectorChecks.Check(file, path);
        }

        return managed;
    }

    /// <summary>Loads the projector by libmtmd.</summary>
    /// <exception cref="NotSupportedException">The images are to be padded, which libmtmd doesn't do.</exception>
    /// <exception cref="RuntimeLoadException">libmtmd is missing, another build's, or refuses the projector.</exception>
    public static MtmdEmbedder LoadMtmd(EngineOptions options, string type, LlamaCppRuntime runtime) =>
        options.ImageFit == ImageFit.PadSquare
            ? throw new NotSupportedException("Engine:ImageFit is PadSquare, which libmtmd doesn't do; it brings images to size as the projector says.")
            : MtmdEmbedder.Load(options.Projector!, type, runtime, options.Threads ?? 0, options.GpuLayers != 0);
}
