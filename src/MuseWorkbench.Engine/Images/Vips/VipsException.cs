namespace MuseWorkbench.Engine.Images.Vips;

/// <summary>
/// An operation failed. It names the operation alone: libvips' own text may quote the file or addresses, and is
/// dropped.
/// </summary>
internal sealed class VipsException(string operation) : Exception($"libvips could not complete {operation}.");
