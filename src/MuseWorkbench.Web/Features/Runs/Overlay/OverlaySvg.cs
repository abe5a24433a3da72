using System.Globalization;
using System.Text;
using System.Xml;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>
/// The places agents named as an SVG drawing in the image's pixels, the image inside it where its bytes are given. What
/// models wrote stands in it as text and in attributes, escaped; it refers to nothing outside itself and runs nothing.
/// </summary>
internal static class OverlaySvg
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private const string Fonts = "Inter, 'Segoe UI', 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif";
    private const int MaxLabel = 60;

    /// <param name="image">Whose pixels are the drawing's units.</param>
    /// <param name="content">Its bytes, embedded below the places; null for the places alone, on nothing.</param>
    /// <param name="drawing">What is drawn on it.</param>
    public static string Write(ImageRef image, ReadOnlyMemory<byte>? content, OverlayDrawing drawing)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, IndentChars = " " }))
        {
            xml.WriteStartElement("svg", Namespace);
            xml.WriteAttributeString("width", Number(image.Width));
            xml.WriteAttributeString("height", Number(image.Height));
            xml.WriteAttributeString("viewBox", $"0 0 {Number(image.Width)} {Number(image.Height)}");
            Title(xml, image.Name);
            if (content is { } bytes)
            {
                xml.WriteStartElement("image");
                xml.WriteAttributeString("width", Number(image.Width));
                xml.WriteAttributeString("height", Number(image.Height));
                xml.WriteAttributeString("href", $"data:{image.MediaType};base64,{Convert.ToBase64String(bytes.Span)}");
                xml.WriteEndElement();
            }

            var unit = Math.Max(1, Math.Min(image.Width, image.Height) / 260.0);
            if (drawing.Heat is { } heat)
            {
                OverlayHeat.Write(xml, image, heat, drawing.TeamSize);
            }

            foreach (var shape in drawing.Shapes)
            {
                WriteShape(xml, image, shape, unit);
            }

            if (drawing.IsWay)
            {
                OverlayWay.Write(xml, image, drawing.Shapes, unit);
            }
            else
            {
                WriteLabels(xml, image, drawing.Shapes, unit);
            }

            xml.WriteEndElement();
        }

        return text.ToString();
    }

    // A light line around a dark one: one of the two stands out from any image.
    private static void WriteShape(XmlWriter xml, ImageRef image, OverlayShape shape, double unit)
    {
        foreach (var (colour, width) in (ReadOnlySpan<(string, double)>)[("#ffffff", 3 * unit), (shape.Colour, 1.8 * unit)])
        {
            var region = shape.Region;
            xml.WriteStartElement(region.IsPoint ? "circle" : region.Polygon is not null ? "polygon" : "rect");
            if (region.IsPoint)
            {
                xml.WriteAttributeString("cx", Number(region.X0 * image.Width));
                xml.WriteAttributeString("cy", Number(region.Y0 * image.Height));
                xml.WriteAttributeString("r", Number(width * 1.6));
                xml.WriteAttributeString("fill", colour);
            }
            else
            {
                if (region.Polygon is { } outline)
                {
                    xml.WriteAttributeString("points", string.Join(' ', outline.Select((share, i) => Number(share * (i % 2 == 0 ? image.Width : image.Height)))));
                }
                else
                {
                    xml.WriteAttributeString("x", Number(region.X0 * image.Width));
                    xml.WriteAttributeString("y", Number(region.Y0 * image.Height));
                    xml.WriteAttributeString("width", Number((region.X1 - region.X0) * image.Width));
                    xml.WriteAttributeString("height", Number((region.Y1 - region.Y0) * image.Height));
                }

                xml.WriteAttributeString("fill", "none");
                xml.WriteAttributeString("stroke", colour);
                xml.WriteAttributeString("stroke-width", Number(width));
                xml.WriteAttributeString("stroke-linejoin", "round");
            }

            xml.WriteEndElement();
        }
    }

    private static void WriteLabels(XmlWriter xml, ImageRef image, IReadOnlyList<OverlayShape> shapes, double unit)
    {
        var labels = new LabelLayout(image.Width, image.Height);
        foreach (var shape in shapes)
        {
            WriteLabel(xml, image, shape, unit, labels);
        }
    }

    private static void WriteLabel(XmlWriter xml, ImageRef image, OverlayShape shape, double unit, LabelLayout labels)
    {
        var text = Text.Shorten(Clean(shape.Label), MaxLabel);
        var size = TextSize(unit);
        // A label wider than its image is shortened rather than left out.
        for (var length = text.Length - 1; length > 1 && WidthOf(text, size) + size > image.Width; length--)
        {
            text = Text.Shorten(Clean(shape.Label), length);
        }

        var region = shape.Region;
        if (text.Length == 0 || labels.Place(
            region.X0 * image.Width, region.Y0 * image.Height, region.X1 * image.Width, region.Y1 * image.Height, WidthOf(text, size) + size, size * 1.4) is not { } at)
        {
            return;
        }

        xml.WriteStartElement("rect");
        xml.WriteAttributeString("x", Number(at.X));
        xml.WriteAttributeString("y", Number(at.Y));
        xml.WriteAttributeString("width", Number(at.Width));
        xml.WriteAttributeString("height", Number(at.Height));
        xml.WriteAttributeString("rx", Number(size * 0.25));
        xml.WriteAttributeString("fill", shape.Colour);
        xml.WriteEndElement();
        WriteText(xml, text, at.X + (size / 2), at.Y + (size * 1.03), size, shape.Ink, "start");
    }

    internal static void WriteText(XmlWriter xml, string text, double x, double y, double size, string ink, string anchor)
    {
        xml.WriteStartElement("text");
        xml.WriteAttributeString("x", Number(x));
        xml.WriteAttributeString("y", Number(y));
        xml.WriteAttributeString("font-family", Fonts);
        xml.WriteAttributeString("font-size", Number(size));
        xml.WriteAttributeString("font-weight", "600");
        xml.WriteAttributeString("text-anchor", anchor);
        xml.WriteAttributeString("fill", ink);
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    /// <summary>Of labels and numbers, in pixels.</summary>
    internal static double TextSize(double unit) => Math.Max(9, 6 * unit);

    // What a line takes at most in a usual font; there is none here to measure with.
    private static double WidthOf(string text, double size) =>
        text.EnumerateRunes().Sum(rune => rune.Value > 0x2E80 ? 1.0 : Rune.IsUpper(rune) ? 0.74 : 0.62) * size;

    internal static void Title(XmlWriter xml, string text)
    {
        if (Clean(text) is { Length: > 0 } clean)
        {
            xml.WriteElementString("title", Namespace, clean);
        }
    }

    /// <summary>Without what XML can't hold: control characters, halves of surrogate pairs.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\t' or '\n' or >= 0x20 and not 0xFFFE and not 0xFFFF and not 0xFFFD)
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString();
    }

    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
