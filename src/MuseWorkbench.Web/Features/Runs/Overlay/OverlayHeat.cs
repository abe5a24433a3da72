using System.Globalization;
using System.Xml;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;

namespace MuseWorkbench.Web.Features.Runs.Overlay;

/// <summary>Colours an image by how many agents look where, from blue (one) to yellow (all), the rest under a veil: as the viewer does.</summary>
internal static class OverlayHeat
{
    private static readonly double[] s_few = Cones(0x2a, 0x5b, 0xd7), s_all = Cones(0xff, 0xd8, 0x3d);

    public static void Write(XmlWriter xml, ImageRef image, AgreementMap map, int teamSize)
    {
        WriteRect(xml, 0, 0, image.Width, image.Height, "#0b1020", "0.6", null);
        foreach (var cell in map.Runs)
        {
            // Whole pixels: neighbours meet without a seam.
            var (left, top) = (Math.Round(cell.X * image.Width), Math.Round(cell.Y * image.Height));
            var (width, height) = (Math.Round((cell.X + cell.Width) * image.Width) - left, Math.Round((cell.Y + cell.Height) * image.Height) - top);
            if (width > 0 && height > 0)
            {
                var share = teamSize > 1 ? (cell.Count - 1.0) / (teamSize - 1) : 1;
                WriteRect(xml, left, top, width, height, Colour(share), "0.62", string.Create(CultureInfo.InvariantCulture, $"{cell.Count} of {teamSize} agents look here"));
            }
        }
    }

    /// <summary>The colour between few (0) and all (1), mixed in Oklab as the style sheet's <c>color-mix</c> does.</summary>
    internal static string Colour(double share)
    {
        // Oklab is linear in the cube roots of the eye's three responses, so these can be mixed themselves.
        Span<double> mixed = stackalloc double[3];
        for (var i = 0; i < 3; i++)
        {
            mixed[i] = Math.Pow(s_few[i] + (share * (s_all[i] - s_few[i])), 3);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"#{Level((4.0767416621 * mixed[0]) - (3.3077115913 * mixed[1]) + (0.2309699292 * mixed[2])):x2}{Level((-1.2684380046 * mixed[0]) + (2.6097574011 * mixed[1]) - (0.3413193965 * mixed[2])):x2}{Level((-0.0041960863 * mixed[0]) - (0.7034186147 * mixed[1]) + (1.7076147010 * mixed[2])):x2}");
    }

    private static double[] Cones(byte red, byte green, byte blue)
    {
        var (r, g, b) = (Linear(red), Linear(green), Linear(blue));
        return
        [
            Math.Cbrt((0.4122214708 * r) + (0.5363325363 * g) + (0.0514459929 * b)),
            Math.Cbrt((0.2119034982 * r) + (0.6806995451 * g) + (0.1073969566 * b)),
            Math.Cbrt((0.0883024619 * r) + (0.2817188376 * g) + (0.6299787005 * b)),
        ];
    }

    // sRGB's curve and back.
    private static double Linear(byte level) => level <= 10 ? level / 255.0 / 12.92 : Math.Pow(((level / 255.0) + 0.055) / 1.055, 2.4);

    private static int Level(double linear) =>
        (int)Math.Round(255 * Math.Clamp(linear <= 0.0031308 ? 12.92 * linear : (1.055 * Math.Pow(linear, 1 / 2.4)) - 0.055, 0, 1));

    private static void WriteRect(XmlWriter xml, double x, double y, double width, double height, string colour, string opacity, string? title)
    {
        xml.WriteStartElement("rect");
        xml.WriteAttributeString("x", OverlaySvg.Number(x));
        xml.WriteAttributeString("y", OverlaySvg.Number(y));
        xml.WriteAttributeString("width", OverlaySvg.Number(width));
        xml.WriteAttributeString("height", OverlaySvg.Number(height));
        xml.WriteAttributeString("fill", colour);
        xml.WriteAttributeString("fill-opacity", opacity);
        xml.WriteAttributeString("shape-rendering", "crispEdges");
        OverlaySvg.Title(xml, title ?? "");
        xml.WriteEndElement();
    }
}
