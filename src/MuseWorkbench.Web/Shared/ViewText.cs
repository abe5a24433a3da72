using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Shared;

/// <summary>Views in words.</summary>
public static class ViewText
{
    /// <summary>A label of a word or two; null for the image as it is.</summary>
    public static string? Short(ViewSpec? view)
    {
        if (view is null || view == new ViewSpec())
        {
            return null;
        }

        string?[] parts = [AreaName(view), ToneName(view.Tone), ScaleName(view)];
        var label = string.Join(" · ", parts.Where(part => part is not null));
        return (view.Flip, label.Length) switch
        {
            (true, 0) => "mirrored",
            (true, _) => $"⇄ {label}",
            (false, 0) => null, // enlarging the whole image changes nothing
            _ => label,
        };
    }

    /// <summary>What an agent sees, in full.</summary>
    /// <param name="view">As its team says.</param>
    /// <param name="seen">As recorded, once it has begun.</param>
    public static string Describe(ViewSpec? view, ImmutableArray<SeenImage>? seen)
    {
        view ??= new ViewSpec();
        var what = view.Area switch
        {
            ViewArea.Full => "the whole image",
            ViewArea.Centre => "the centre of the image",
            ViewArea.Box => "a part of the image",
            ViewArea.Drawn => "the rectangle drawn on the image",
            _ => $"the {AreaName(view)} of the image",
        };
        var how = string.Concat(view.Flip ? ", left and right exchanged" : "", view.Tone switch
        {
            ViewTone.Grey => ", without colour",
            ViewTone.Contrast => ", with high contrast",
            ViewTone.Brighter => ", brighter",
            ViewTone.Darker => ", darker",
            _ => "",
        }, ScaleName(view) is { } scale ? $", scaled {scale}" : "");
        var size = seen is [var first, ..]
            ? string.Create(CultureInfo.InvariantCulture, $"\n{100 * (first.Box.X1 - first.Box.X0):0} % × {100 * (first.Box.Y1 - first.Box.Y0):0} % of it, shown as {first.Width} × {first.Height} pixels")
            : "";
        return $"Sees {what}{how}{size}";
    }

    /// <summary>An area's name for a list.</summary>
    public static string Name(ViewArea area) => area switch
    {
        ViewArea.Full => "whole image",
        ViewArea.Box => "a box",
        ViewArea.Drawn => "drawn rectangle",
        _ => AreaName(new ViewSpec { Area = area })!,
    };

    /// <summary>A tone's name for a list.</summary>
    public static string Name(ViewTone tone) => ToneName(tone) ?? "as it is";

    private static string? AreaName(ViewSpec view) => view.Area switch
    {
        ViewArea.Centre => "centre",
        ViewArea.TopLeft => "top left",
        ViewArea.TopRight => "top right",
        ViewArea.BottomLeft => "bottom left",
        ViewArea.BottomRight => "bottom right",
        ViewArea.Box => "part",
        ViewArea.Drawn => "drawn",
        _ => null,
    };

    private static string? ScaleName(ViewSpec view) =>
        view.Scale is { } scale and not 1 ? string.Create(CultureInfo.InvariantCulture, $"×{scale:0.##}") : null;

    private static string? ToneName(ViewTone tone) => tone switch
    {
        ViewTone.Grey => "grey",
        ViewTone.Contrast => "contrast",
        ViewTone.Brighter => "brighter",
        ViewTone.Darker => "darker",
        _ => null,
    };
}
