using System.Globalization;
using System.Text.RegularExpressions;

namespace MuseWorkbench.Web.Tests.Components;

/// <summary>The colours themselves, as they stand in the style sheet.</summary>
public sealed partial class TokenContrastTests
{
    private static readonly Dictionary<string, string[]> s_tokens = Read();

    public static TheoryData<string, string, double> Pairs()
    {
        var pairs = new TheoryData<string, string, double>();
        foreach (var ink in new[] { "ink", "ink-2", "mut", "accent-text", "ok", "warn", "bad" })
        {
            pairs.Add(ink, "card", 4.5);
            pairs.Add(ink, "bg", 4.5);
        }

        pairs.Add("mut", "sunk", 4.5);
        pairs.Add("ok", "ok-soft", 4.5);
        pairs.Add("warn", "warn-soft", 4.5);
        pairs.Add("bad", "bad-soft", 4.5);
        pairs.Add("accent-text", "accent-soft", 4.5);
        pairs.Add("accent-ink", "accent", 4.5);
        for (var agent = 1; agent <= 16; agent++)
        {
            pairs.Add($"a{agent}i", $"a{agent}", 4.5);
            pairs.Add($"a{agent}", "card", 3);
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Contrast_BothThemes_IsEnough(string front, string back, double least)
    {
        for (var theme = 0; theme < 2; theme++)
        {
            var (a, b) = (Luminance(s_tokens[front][theme]), Luminance(s_tokens[back][theme]));
            var ratio = (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
            Assert.True(ratio >= least, $"--{front} on --{back} in {(theme == 0 ? "light" : "dark")}: {ratio:0.00}");
        }
    }

    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var value = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }

        return (0.2126 * Channel(0)) + (0.7152 * Channel(2)) + (0.0722 * Channel(4));
    }

    private static Dictionary<string, string[]> Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "wwwroot", "css", "tokens.css")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No wwwroot/css/tokens.css above the tests.");
        }

        return Token().Matches(File.ReadAllText(Path.Combine(folder.FullName, "wwwroot", "css", "tokens.css")))
            .ToDictionary(match => match.Groups[1].Value, match => new[] { match.Groups[2].Value, match.Groups[3].Value });
    }

    [GeneratedRegex(@"--([\w-]+):\s*light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)")]
    private static partial Regex Token();
}
