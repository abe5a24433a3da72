using System.Globalization;

namespace MuseWorkbench.Web.Shared;

/// <summary>Numbers as the pages write them: two or three significant digits and a unit.</summary>
public static class Fmt
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>A duration from milliseconds: <c>8.2 ms</c>, <c>214 ms</c>, <c>1.42 s</c>, <c>12.5 s</c>, <c>3 min 5 s</c>.</summary>
    public static string Ms(double ms) => ms switch
    {
        < 0 => "0 ms",
        < 9.95 => ms.ToString("0.0", s_culture) + " ms",
        < 999.5 => ms.ToString("0", s_culture) + " ms",
        < 9_995 => (ms / 1000).ToString("0.00", s_culture) + " s",
        < 59_950 => (ms / 1000).ToString("0.0", s_culture) + " s",
        _ => string.Create(s_culture, $"{(int)(ms / 60_000)} min {(int)(ms / 1000) % 60} s"),
    };

    /// <summary>A rate: <c>8.4</c>, <c>61</c>, <c>1,240</c>.</summary>
    public static string Rate(double value) => value.ToString(value is > 0 and < 9.95 ? "0.0" : "#,0", s_culture);

    public static string Count(long value) => value.ToString("#,0", s_culture);

    /// <summary>A share from 0 to 1 as whole percent.</summary>
    public static string Percent(double share) => Math.Round(share * 100, MidpointRounding.AwayFromZero).ToString("0", s_culture) + " %";

    /// <summary>Bytes in binary units: <c>912 KiB</c>, <c>6.2 MiB</c>, <c>24 GiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString(value < 9.95 && unit > 0 ? "0.0" : "0", s_culture) + " " + units[unit];
    }

    /// <summary>Parameters: <c>2.5 M</c>, <c>7.1 B</c>.</summary>
    public static string Parameters(long count) => count switch
    {
        >= 1_000_000_000 => (count / 1e9).ToString("0.#", s_culture) + " B",
        >= 1_000_000 => (count / 1e6).ToString("0.#", s_culture) + " M",
        _ => Count(count),
    };

    /// <summary>A number for markup (CSS, SVG): a dot, at most three decimals.</summary>
    public static string Css(double value) => value.ToString("0.###", s_culture);
}
