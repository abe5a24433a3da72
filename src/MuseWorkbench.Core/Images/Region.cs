namespace MuseWorkbench.Core;

/// <summary>A place an agent names in an image, in the original image's coordinates.</summary>
/// <param name="Label">What the agent says is there; may be empty.</param>
/// <param name="X0">Left edge, 0 (left) to 1 (right) of the original image.</param>
/// <param name="Y0">Top edge, 0 (top) to 1 (bottom).</param>
/// <param name="X1">Right edge, ≥ <paramref name="X0"/>.</param>
/// <param name="Y1">Bottom edge, ≥ <paramref name="Y0"/>.</param>
/// <param name="ImageIndex">Which of the run's images, from 0.</param>
public sealed record Region(string Label, double X0, double Y0, double X1, double Y1, int ImageIndex = 0);
