using System.Globalization;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Cases;

/// <summary>Cases in the words of the pages.</summary>
internal static class CaseText
{
    /// <summary>What a case expects, in few words: its answer, or else how many places; null where it is open.</summary>
    public static string? Expected(Case @case) => @case.Expected is { } expected ? expected
        : @case.Regions.IsDefaultOrEmpty ? null
        : string.Create(CultureInfo.InvariantCulture, $"{@case.Regions.Length} place{(@case.Regions.Length == 1 ? "" : "s")}");
}
