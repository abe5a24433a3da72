using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Shared;

/// <summary>A line drawing from the product's own small set; decoration only, the name stands beside it or in a label.</summary>
public sealed partial class Icon
{
    private static readonly Dictionary<string, MarkupString> s_shapes = new(StringComparer.Ordinal)
    {
        ["spark"] = new("""<path fill="currentColor" stroke="none" d="M12 1.5c.7 5.9 4.6 9.8 10.5 10.500C16.6 12.7 12.7 16.6 12 22.5 11.3 16.6 7.4 12.7 1.5 12 7.4 11.3 11.3 7.4 12 1.500z"/>"""),
        ["workbench"] = new("""<rect x="3" y="4" width="18" height="16" rx="2.5"/><path d="M10.5 4v16M10.5 12H21"/>"""),
        ["runs"] = new("""<path d="M8.5 6H20M8.5 12H20M8.5 18H20"/><circle cx="4.500" cy="6" r="1" fill="currentColor"/><circle cx="4.500" cy="12" r="1" fill="currentColor"/><circle cx="4.500" cy="18" r="1" fill="currentColor"/>"""),
        ["compare"] = new("""<rect x="3" y="5" width="7.500" height="14" rx="2"/><rect x="13.500" y="5" width="7.500" height="14" rx="2"/><path d="M5.500 9h2.500M16 9h2.500M5.500 12h2.500M16 12h2.500"/>"""),
        ["cases"] = new("""<rect x="3.500" y="7.500" width="13" height="13" rx="2.500"/><path d="M7.500 4.500A2 2 0 0 1 9.500 3.500H18a2.500 2.500 0 0 1 2.500 2.500v8.500a2 2 0 0 1-1 2"/><path d="M7 14.200l2.200 2.200 4-4.400"/>"""),
        ["experiments"] = new("""<path d="M9 3.500h6M10 3.500v6.200L4.700 18.300a1.500 1.500 0 0 0 1.300 2.200h12a1.500 1.500 0 0 0 1.300-2.200L14 9.700V3.500M7.700 14.500h8.600"/>"""),
        ["edit"] = new("""<path d="M4.500 19.500l1-4.200L15.800 5a2.100 2.100 0 0 1 3 3L8.700 18.500z"/><path d="M13.800 7l3.200 3.200"/>"""),
        ["grid"] = new("""<rect x="4" y="4" width="6.500" height="6.500" rx="1.500"/><rect x="13.500" y="4" width="6.500" height="6.500" rx="1.500"/><rect x="4" y="13.500" width="6.500" height="6.500" rx="1.500"/><rect x="13.500" y="13.500" width="6.500" height="6.500" rx="1.500"/>"""),
        ["check"] = new("""<path d="M5 12.500l4.500 4.500L19 7.500"/>"""),
        ["star"] = new("""<path d="M12 3.600l2.600 5.300 5.800.8-4.200 4.100 1 5.800-5.200-2.700-5.200 2.700 1-5.800-4.200-4.100 5.800-.8z"/>"""),
        ["trash"] = new("""<path d="M4.500 7h15M10 7V4.500h4V7M6.500 7l1 12.500h9l1-12.500M10.500 11v5M13.500 11v5"/>"""),
        ["search"] = new("""<circle cx="10.500" cy="10.500" r="6"/><path d="M15 15l5 5"/>"""),
        ["download"] = new("""<path d="M12 4v11M7 10.500l5 5 5-5M4.500 19.500h15"/>"""),
        ["upload"] = new("""<path d="M12 15.500V4.500M7 9l5-5 5 5M4.500 19.500h15"/>"""),
        ["note"] = new("""<path d="M5 4.500h14v10l-5 5H5z"/><path d="M14 19.500v-5h5M8.500 9h7M8.500 12.500h3"/>"""),
        ["engine"] = new("""<path d="M4 19a9 9 0 1 1 16 0"/><path d="M12 14l4-5"/><circle cx="12" cy="14.5" r="1.2" fill="currentColor"/>"""),
        ["pool"] = new("""<rect x="3.500" y="4" width="17" height="6" rx="2"/><rect x="3.500" y="14" width="17" height="6" rx="2"/><path d="M7 7h.1M7 17h.1M12 10v4"/>"""),
        ["help"] = new("""<circle cx="12" cy="12" r="9"/><path d="M9.5 9.500a2.6 2.6 0 1 1 3.7 2.400c-.8.4-1.2.9-1.2 1.800M12 16.800v.1"/>"""),
        ["close"] = new("""<path d="M6 6l12 12M18 6L6 18"/>"""),
        ["plus"] = new("""<path d="M12 5v14M5 12h14"/>"""),
        ["minus"] = new("""<path d="M5 12h14"/>"""),
        ["expand"] = new("""<path d="M14 4h6v6M10 20H4v-6M20 4l-7 7M4 20l7-7"/>"""),
        ["shrink"] = new("""<path d="M20 10h-6V4M4 14h6v6M14 10l6-6M10 14l-6 6"/>"""),
        ["stop"] = new("""<rect x="6.5" y="6.5" width="11" height="11" rx="2" fill="currentColor" stroke="none"/>"""),
        ["down"] = new("""<path d="M6 9.500l6 6 6-6"/>"""),
        ["left"] = new("""<path d="M14.5 6l-6 6 6 6"/>"""),
        ["right"] = new("""<path d="M9.5 6l6 6-6 6"/>"""),
        ["image"] = new("""<rect x="3" y="4.5" width="18" height="15" rx="2.5"/><circle cx="8.5" cy="10" r="1.5"/><path d="M4 17.500l5-4.5 3.5 3 3.5-4 5 5"/>"""),
        ["crop"] = new("""<path d="M7 2.500V17h14.500M2.500 7H17v14.500"/>"""),
        ["table"] = new("""<rect x="3.500" y="4.500" width="17" height="15" rx="2"/><path d="M3.500 9.500h17M3.500 14.500h17M9.500 9.500v10"/>"""),
        ["moon"] = new("""<path d="M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z"/>"""),
        ["sun"] = new("""<circle cx="12" cy="12" r="4"/><path d="M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M5.3 18.700l1.4-1.400M17.3 6.700l1.4-1.4"/>"""),
        ["tool"] = new("""<path d="M14.5 6.500a4 4 0 0 1 5-1l-2.8 2.8.4 1.6 1.6.4L21.5 7.500a4 4 0 0 1-5.5 5L9 19.500a2.1 2.1 0 0 1-3-3l7-7a4 4 0 0 1 1.5-3z" transform="translate(-1 0)"/>"""),
        ["pause"] = new("""<path d="M8.5 5.500v13M15.5 5.500v13"/>"""),
        ["play"] = new("""<path d="M7.5 5l11 7-11 7z"/>"""),
        ["forward"] = new("""<path d="M4.500 6l7 6-7 6zM12.500 6l7 6-7 6z"/>"""),
        ["more"] = new("""<circle cx="5.500" cy="12" r="1.300" fill="currentColor"/><circle cx="12" cy="12" r="1.300" fill="currentColor"/><circle cx="18.500" cy="12" r="1.300" fill="currentColor"/>"""),
        ["raw"] = new("""<path d="M9 8l-4 4 4 4M15 8l4 4-4 4"/>"""),
        ["restart"] = new("""<path d="M4.5 12a7.5 7.5 0 1 0 2.3-5.400M4.5 4v4h4"/>"""),
        ["copy"] = new("""<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3"/>"""),
        ["warn"] = new("""<path d="M12 4L2.8 19.500h18.400z"/><path d="M12 10v4M12 16.900v.1"/>"""),
        ["team"] = new("""<circle cx="9" cy="8" r="3.2"/><path d="M3 19.500c.4-3.600 2.700-5.500 6-5.500s5.600 1.900 6 5.500"/><path d="M16 5.200a3 3 0 0 1 0 5.600M17.800 14.300c1.900.8 3 2.500 3.200 5.200"/>"""),
        ["sliders"] = new("""<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>"""),
    };

    /// <summary>A name of the set; an unknown one is a programming error.</summary>
    [Parameter, EditorRequired] public required string Name { get; set; }

    /// <summary>Width and height in CSS pixels.</summary>
    [Parameter] public int Size { get; set; } = 16;

    private MarkupString Shape => s_shapes[Name];
}
