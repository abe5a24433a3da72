using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>
/// A string's <c>pattern</c> as GBNF over its characters as JSON writes them. The subset: <c>^…$</c> around the whole, literals,
/// <c>.</c>, sets, <c>\d \w \s</c> and their inverses, groups, <c>|</c>, and repetitions. No look-around, no references, no lazy repetition.
/// </summary>
internal sealed class PatternGrammar
{
    private const int MaxDepth = 32;

    private static readonly CharacterSet s_digit = new([('0', '9')]);
    private static readonly CharacterSet s_word = new([('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')]);
    private static readonly CharacterSet s_space = new([(' ', ' ')]);
    private static readonly CharacterSet s_unwritten = new([(0, 0x1F), (0x7F, 0x7F), (0xD800, 0xDFFF)]);

    private readonly string _text;
    private int _at;

    private PatternGrammar(string text) => _text = text;

    /// <exception cref="FormatException">It is outside the subset; the message says how.</exception>
    public static string Write(string pattern)
    {
        if (!pattern.StartsWith('^') || !pattern.EndsWith('$') || pattern.Length < 2)
        {
            throw new FormatException("a pattern must be anchored: '^…$'");
        }
        var reader = new PatternGrammar(pattern[1..^1]);
        var written = reader.Alternatives(0);
        return reader._at == reader._text.Length ? $"({written})" : throw reader.Fault();
    }

    private string Alternatives(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"a pattern's groups may be nested {MaxDepth} deep");
        }
        var parts = new List<string> { Sequence(depth) };
        while (Peek('|'))
        {
            _at++;
            parts.Add(Sequence(depth));
        }
        return string.Join(" | ", parts);
    }

    private string Sequence(int depth)
    {
        var written = new StringBuilder();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            written.Append(Atom(depth)).Append(Repetition()).Append(' ');
        }
        return written.Length == 0 ? "\"\"" : written.ToString();
    }

    private string Atom(int depth)
    {
        switch (_text[_at])
        {
            case '(':
                _at++;
                if (Peek('?'))
                {
                    _at = _text.AsSpan(_at).StartsWith("?:") ? _at + 2 : throw Fault();
                }
                var group = Alternatives(depth + 1);
                _at = Peek(')') ? _at + 1 : throw Fault();
                return $"({group})";
            case '[':
                return Characters(Set());
            case '.':
                _at++;
                return Characters(CharacterSet.All);
            case '*' or '+' or '?' or '{' or '}' or ']' or '^' or '$':
                throw Fault();
            default:
                return Characters(Character());
        }
    }

    private string Repetition()
    {
        var from = _at;
        if (Peek('*') || Peek('+') || Peek('?'))
        {
            _at++;
        }
        else if (Peek('{'))
        {
            var end = _text.IndexOf('}', _at);
            var bounds = end < 0 ? throw Fault() : _text[(_at + 1)..end];
            if (bounds.Length == 0 || !char.IsAsciiDigit(bounds[0]) || bounds.Any(c => !char.IsAsciiDigit(c) && c != ',') || bounds.Count(c => c == ',') > 1)
            {
                throw Fault();
            }
            _at = end + 1;
        }
        // A second sign would make it lazy or possessive.
        return Peek('*') || Peek('+') || Peek('?') || Peek('{') ? (_at > from ? throw Fault() : "") : _text[from.._at];
    }

    private CharacterSet Set()
    {
        _at++;
        var inverse = Peek('^');
        _at += inverse ? 1 : 0;
        var ranges = new List<(int From, int To)>();
        while (!Peek(']'))
        {
            var first = Character();
            if (Peek('-') && _at + 1 < _text.Length && _text[_at + 1] != ']')
            {
                _at++;
                var last = Character();
                if (first.Ranges is not [var low] || last.Ranges is not [var high] || low.From != low.To || high.From != high.To || low.From > high.From)
                {
                    throw Fault();
                }
                ranges.Add((low.From, high.From));
                continue;
            }
            ranges.AddRange(first.Ranges);
        }
        _at++;
        return inverse ? new CharacterSet(ranges).Complement() : new(ranges);
    }

    /// <summary>One character, or the set an escape stands for.</summary>
    private CharacterSet Character()
    {
        if (_at >= _text.Length || Rune.DecodeFromUtf16(_text.AsSpan(_at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
        {
            throw Fault();
        }
        _at += length;
        if (rune.Value != '\\')
        {
            return One(rune.Value);
        }
        var kind = _at < _text.Length ? _text[_at++] : throw Fault();
        return kind switch
        {
            'd' => s_digit,
            'D' => s_digit.Complement(),
            'w' => s_word,
            'W' => s_word.Complement(),
            's' => s_space, // of white space, JSON writes only this one as it is
            'S' => s_space.Complement(),
            'u' when _at + 4 <= _text.Length && int.TryParse(_text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) => Hexadecimal(value),
            _ when !char.IsAsciiLetterOrDigit(kind) && kind < 0x80 => One(kind),
            _ => throw Fault(),
        };
    }

    private CharacterSet Hexadecimal(int value)
    {
        _at += 4;
        return One(value);
    }

    /// <summary>Characters as a JSON string writes them: quotation mark and backslash escaped, control characters not at all.</summary>
    private static string Characters(CharacterSet set)
    {
        var outside = set.Complement().Ranges.Concat(s_unwritten.Ranges);
        var plain = new CharacterSet(outside.Append(('"', '"')).Append(('\\', '\\'))).Complement();
        var parts = new List<string>();
        if (!plain.IsEmpty)
        {
            parts.Add(GrammarText.Set(plain));
        }
        if (set.Contains('"'))
        {
            parts.Add("""
                "\\\""
                """);
        }
        if (set.Contains('\\'))
        {
            parts.Add("""
                "\\\\"
                """);
        }
        return parts.Count == 0 ? throw new FormatException("a pattern asks for characters that JSON text does not hold") : parts.Count == 1 ? parts[0] : $"({string.Join(" | ", parts)})";
    }

    private static CharacterSet One(int character) => new([(character, character)]);

    private bool Peek(char character) => _at < _text.Length && _text[_at] == character;

    private FormatException Fault() => new($"the pattern is outside the supported subset at its character {_at + 2}");
}
