using System.Globalization;
using System.Xml;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>Numbers places in the order they were looked at, and joins them.</summary>
internal static class OverlayWay
{
    public static void Write(XmlWriter xml, ImageRef image, IReadOnlyList<OverlayShape> steps, double unit)
    {
        if (steps.Count > 1)
        {
            WriteLine(xml, image, steps, unit);
        }

        for (var i = 0; i < steps.Count; i++)
        {
            WriteNumber(xml, image, steps[i], i + 1, unit);
        }
    }

    private static void WriteLine(XmlWriter xml, ImageRef image, IReadOnlyList<OverlayShape> steps, double unit)
    {
        var way = "M" + string.Join('L', steps.Select(step => Middle(image, step.Region)).Select(at => $"{OverlaySvg.Number(at.X)} {OverlaySvg.Number(at.Y)}"));
        ReadOnlySpan<(string Colour, double Width, string Opacity, bool IsDashed)> lines = [("#ffffff", 2 * unit, "0.55", false), (steps[0].Colour, 1.3 * unit, "0.9", true)];
        foreach (var (colour, width, opacity, isDashed) in lines)
        {
            xml.WriteStartElement("path");
            xml.WriteAttributeString("d", way);
            xml.WriteAttributeString("fill", "none");
            xml.WriteAttributeString("stroke", colour);
            xml.WriteAttributeString("stroke-width", OverlaySvg.Number(width));
            xml.WriteAttributeString("stroke-opacity", opacity);
            if (isDashed)
            {
                xml.WriteAttributeString("stroke-linecap", "round");
                xml.WriteAttributeString("stroke-dasharray", $"{OverlaySvg.Number(unit)} {OverlaySvg.Number(3 * unit)}");
            }

            xml.WriteEndElement();
        }
    }

    private static void WriteNumber(XmlWriter xml, ImageRef image, OverlayShape step, int number, double unit)
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        var size = OverlaySvg.TextSize(unit);
        var (height, width) = (size * 1.7, Math.Max(size * 1.7, (0.62 * size * text.Length) + (0.7 * size)));
        var (x, y) = Middle(image, step.Region);
        // Whole numbers: what lies at the edge moves in.
        (x, y) = (Math.Max(width / 2, Math.Min(x, image.Width - (width / 2))), Math.Max(height / 2, Math.Min(y, image.Height - (height / 2))));
        xml.WriteStartElement("g");
        OverlaySvg.Title(xml, step.Label);
        xml.WriteStartElement("rect");
        xml.WriteAttributeString("x", OverlaySvg.Number(x - (width / 2)));
        xml.WriteAttributeString("y", OverlaySvg.Number(y - (height / 2)));
        xml.WriteAttributeString("width", OverlaySvg.Number(width));
        xml.WriteAttributeString("height", OverlaySvg.Number(height));
        xml.WriteAttributeString("rx", OverlaySvg.Number(height / 2));
        xml.WriteAttributeString("fill", step.Colour);
        xml.WriteAttributeString("stroke", "#ffffff");
        xml.WriteAttributeString("stroke-width", OverlaySvg.Number(0.7 * unit));
        xml.WriteEndElement();
        // A digit is about seven tenths of its size high.
        OverlaySvg.WriteText(xml, text, x, y + (0.36 * size), size, step.Ink, "middle");
        xml.WriteEndElement();
    }

    private static (double X, double Y) Middle(ImageRef image, Region region) =>
        ((region.X0 + region.X1) / 2 * image.Width, (region.Y0 + region.Y1) / 2 * image.Height);
}
