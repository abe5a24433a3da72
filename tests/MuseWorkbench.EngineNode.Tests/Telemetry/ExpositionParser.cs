using System.Globalization;
using System.Text;

namespace MuseWorkbench.EngineNode.Tests.Telemetry;

/// <summary>A strict reader of Prometheus' text format 0.0.4: what it does not know, it refuses.</summary>
internal sealed class ExpositionParser
{
    private readonly string _text;
    private int _at;

    private ExpositionParser(string text) => _text = text;

    /// <exception cref="InvalidDataException">The text breaks the format, or a family its rules.</exception>
    public static IReadOnlyDictionary<string, Family> Parse(string text)
    {
        var families = new ExpositionParser(text).ReadFamilies();
        foreach (var family in families.Values)
        {
            family.Check();
        }

        return families;
    }

    private Dictionary<string, Family> ReadFamilies()
    {
        var families = new Dictionary<string, Family>(StringComparer.Ordinal);
        Require(_text.EndsWith('\n'), "the last line is not ended");
        Family? current = null;
        while (_at < _text.Length)
        {
            if (Take("# HELP "))
            {
                var name = Name(colons: true);
                Expect(" ");
                current = new Family(name, Unescape(Line(), quotes: false));
                Require(families.TryAdd(name, current), $"{name} comes twice");
                Expect("# TYPE " + name + " ");
                current.Type = Line();
                Require(current.Type is "counter" or "gauge" or "histogram", $"{name} is of type {current.Type}");
            }
            else
            {
                Require(current is not null, "a sample before any HELP");
                current!.Samples.Add(ReadSample());
            }
        }

        return families;
    }

    private Sample ReadSample()
    {
        var name = Name(colons: true);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Take("{"))
        {
            do
            {
                var label = Name(colons: false);
                Expect("=\"");
                var from = _at;
                while (_text[_at] != '"')
                {
                    Require(_text[_at] != '\n', "a label runs over the line");
                    _at += _text[_at] == '\\' ? 2 : 1;
                }

                Require(labels.TryAdd(label, Unescape(_text[from.._at], quotes: true)), $"label {label} comes twice");
                _at++;
            }
            while (Take(","));
            Expect("}");
        }

        Expect(" ");
        var number = Line();
        return new Sample(name, labels, number switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture),
        });
    }

    private string Name(bool colons)
    {
        var from = _at;
        while (char.IsAsciiLetter(_text[_at]) || _text[_at] == '_' || (colons && _text[_at] == ':') || (_at > from && char.IsAsciiDigit(_text[_at])))
        {
            _at++;
        }

        Require(_at > from, "a name is missing");
        return _text[from.._at];
    }

    private string Line()
    {
        var end = _text.IndexOf('\n', _at);
        var line = _text[_at..end];
        Require(!line.Contains('\r'), "a carriage return");
        _at = end + 1;
        return line;
    }

    private static string Unescape(string text, bool quotes)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] != '\\' ? text[i] : (++i < text.Length ? text[i] : ' ') switch
            {
                '\\' => '\\',
                'n' => '\n',
                '"' when quotes => '"',
                var other => throw new InvalidDataException($"\\{other} is no escape"),
            });
        }

        return plain.ToString();
    }

    private bool Take(string text)
    {
        var there = string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;
        _at += there ? text.Length : 0;
        return there;
    }

    private void Expect(string text) => Require(Take(text), $"'{text}' is missing");

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{otherwise}, at '{_text[Math.Max(0, _at - 40)..Math.Min(_text.Length, _at + 40)]}'");
        }
    }

    internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    /// <summary>What stands between one HELP and the next.</summary>
    internal sealed class Family(string name, string help)
    {
        public string Help => help;
        public string Type { get; set; } = "";
        public List<Sample> Samples { get; } = [];

        /// <summary>The value of the one sample with these labels (among others).</summary>
        public double Value(params (string Name, string Value)[] labels) => Part("", labels);

        public double Part(string suffix, params (string Name, string Value)[] labels) =>
            Samples.Single(s => s.Name == name + suffix && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value)).Value;

        public void Check()
        {
            Assert.NotEmpty(help);
            // One sample for each set of labels.
            Assert.Equal(Samples.Count, Samples.Select(s => s.Name + string.Join(',', s.Labels.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}"))).Distinct().Count());
            if (Type != "histogram")
            {
                Assert.All(Samples, s => Assert.Equal(name, s.Name));
                Assert.All(Samples, s => Assert.True(Type != "counter" || s.Value >= 0));
                return;
            }

            var buckets = Samples.Where(s => s.Name == name + "_bucket").ToList();
            var bounds = buckets.Select(b => b.Labels["le"] == "+Inf" ? double.PositiveInfinity : double.Parse(b.Labels["le"], CultureInfo.InvariantCulture)).ToList();
            Assert.Equal(bounds.Order(), bounds);
            Assert.Equal(double.PositiveInfinity, bounds[^1]);
            Assert.Equal(buckets.Select(b => b.Value).Order(), buckets.Select(b => b.Value));
            Assert.Equal(buckets[^1].Value, Part("_count"));
            Assert.True(double.IsFinite(Part("_sum")));
            Assert.Equal(buckets.Count + 2, Samples.Count);
        }
    }
}
