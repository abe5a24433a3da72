using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>Reads GBNF, llama.cpp's notation, but for its tokens (<c>&lt;[id]&gt;</c>). Never recurses deeper than <see cref="MaxDepth"/>.</summary>
internal sealed class GrammarReader(string text, GrammarRules rules)
{
    private const int MaxDepth = 64;
    private const int MaxRepetitions = 4096;

    private int _at;
    private int _line = 1;
    private string _rule = "";

    private char Current => _at < text.Length ? text[_at] : '\0';

    public void Read()
    {
        SkipSpace(lines: true);
        while (_at < text.Length)
        {
            var line = _line;
            _rule = ReadName();
            var rule = rules.Named(_rule, line);
            SkipSpace(lines: false);
            if (!text.AsSpan(_at).StartsWith("::="))
            {
                throw Fault($"'::=' is expected after '{_rule}'.");
            }
            _at += 3;
            SkipSpace(lines: true);
            var alternatives = ReadAlternatives(0);
            if (_at < text.Length && Current is not ('\r' or '\n'))
            {
                throw Fault($"'{Shown()}' can't stand here.");
            }
            rules.Define(rule, line, alternatives);
            SkipSpace(lines: true);
        }
    }

    private List<GrammarElement[]> ReadAlternatives(int depth)
    {
        if (depth > MaxDepth)
        {
            throw Fault($"groups are nested deeper than {MaxDepth} levels.");
        }
        var alternatives = new List<GrammarElement[]> { ReadSequence(depth) };
        while (Current == '|')
        {
            _at++;
            SkipSpace(lines: true);
            alternatives.Add(ReadSequence(depth));
        }
        return alternatives;
    }

    private GrammarElement[] ReadSequence(int depth)
    {
        var sequence = new List<GrammarElement>();
        var item = 0; // where the latest item begins, which a repetition is about
        var repeatable = false;
        while (_at < text.Length)
        {
            var start = sequence.Count;
            if (Current is '*' or '+' or '?' or '{')
            {
                if (!repeatable)
                {
                    throw Fault($"'{Current}' has nothing before it to repeat.");
                }
                var (least, most) = ReadBounds();
                Repeat(sequence, item, least, most);
                SkipSpace(lines: depth > 0);
                continue;
            }
            switch (Current)
            {
                case '"': ReadLiteral(sequence); break;
                case '[': sequence.Add(GrammarElement.Match(ReadSet())); break;
                case '.': _at++; sequence.Add(GrammarElement.Match(CharacterSet.All)); break;
                case '(': sequence.Add(ReadGroup(depth)); break;
                case '<' or '!': throw Fault("tokens such as <[1000]> are not supported.");
                case var c when IsWord(c):
                    var line = _line;
                    sequence.Add(GrammarElement.Call(rules.Named(ReadName(), line)));
                    break;
                default: return [.. sequence];
            }
            (item, repeatable) = (start, true);
            SkipSpace(lines: depth > 0);
        }
        return [.. sequence];
    }

    private GrammarElement ReadGroup(int depth)
    {
        var line = _line;
        _at++;
        SkipSpace(lines: true);
        var alternatives = ReadAlternatives(depth + 1);
        if (Current != ')')
        {
            throw Fault($"the group begun in line {line} is not closed.");
        }
        _at++;
        return GrammarElement.Call(rules.Unnamed(_rule, line, alternatives));
    }

    /// <summary>S{m,n} is S m times and then a rule of nested options; S{m,} ends in a rule that calls itself.</summary>
    private void Repeat(List<GrammarElement> sequence, int item, int least, int? most)
    {
        var repeated = sequence.GetRange(item, sequence.Count - item);
        sequence.RemoveRange(item, repeated.Count);
        if (repeated.Count > 1)
        {
            repeated = [GrammarElement.Call(rules.Unnamed(_rule, _line, [[.. repeated]]))];
        }
        if (repeated.Count == 0)
        {
            return; // "" repeated
        }
        rules.Spend(least + 4 * ((most ?? least + 1) - least), _line);
        for (var i = 0; i < least; i++)
        {
            sequence.Add(repeated[0]);
        }
        if (most is null)
        {
            var more = rules.Count;
            rules.Unnamed(_rule, _line, [[repeated[0], GrammarElement.Call(more)], []]);
            sequence.Add(GrammarElement.Call(more));
            return;
        }
        int? option = null;
        for (var i = least; i < most; i++)
        {
            option = rules.Unnamed(_rule, _line, [option is null ? [repeated[0]] : [repeated[0], GrammarElement.Call(option.Value)], []]);
        }
        if (option is not null)
        {
            sequence.Add(GrammarElement.Call(option.Value));
        }
    }

    private (int Least, int? Most) ReadBounds()
    {
        switch (text[_at++])
        {
            case '*': return (0, null);
            case '+': return (1, null);
            case '?': return (0, 1);
        }
        SkipBlanks();
        var least = ReadCount();
        int? most = least;
        SkipBlanks();
        if (Current == ',')
        {
            _at++;
            SkipBlanks();
            most = Current == '}' ? null : ReadCount();
            SkipBlanks();
        }
        if (Current != '}')
        {
            throw Fault("a repetition must be {m}, {m,} or {m,n}.");
        }
        _at++;
        return most < least ? throw Fault($"a repetition of at least {least} and at most {most} can't be.") : (least, most);
    }

    private int ReadCount()
    {
        var from = _at;
        while (char.IsAsciiDigit(Current))
        {
            _at++;
        }
        return int.TryParse(text.AsSpan(from, _at - from), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MaxRepetitions
            ? count
            : throw Fault($"a repetition's bounds must be whole numbers up to {MaxRepetitions}.");
    }

    private void ReadLiteral(List<GrammarElement> sequence)
    {
        _at++;
        while (Current != '"')
        {
            var character = ReadCharacter("a text");
            rules.Spend(1, _line);
            sequence.Add(GrammarElement.Match(new([(character, character)])));
        }
        _at++;
    }

    private CharacterSet ReadSet()
    {
        _at++;
        var inverse = Current == '^';
        _at += inverse ? 1 : 0;
        var ranges = new List<(int, int)>();
        while (Current != ']')
        {
            var from = ReadCharacter("a set");
            var to = from;
            if (Current == '-' && _at + 1 < text.Length && text[_at + 1] != ']')
            {
                _at++;
                to = ReadCharacter("a set");
            }
            ranges.Add(from <= to ? (from, to) : throw Fault("a range runs backwards."));
        }
        _at++;
        var set = new CharacterSet(ranges);
        set = inverse ? set.Complement() : set;
        return set.IsEmpty ? throw Fault("a set has no character.") : set;
    }

    private int ReadCharacter(string within)
    {
        if (_at >= text.Length || Current is '\r' or '\n')
        {
            throw Fault($"{within} is not closed.");
        }
        if (Current == '\\')
        {
            return ReadEscape();
        }
        if (Rune.DecodeFromUtf16(text.AsSpan(_at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
        {
            throw Fault("half of a surrogate pair can't stand alone.");
        }
        _at += length;
        return rune.Value;
    }

    private int ReadEscape()
    {
        var kind = _at + 1 < text.Length ? text[_at + 1] : '\0';
        _at += 2;
        switch (kind)
        {
            case 't': return '\t';
            case 'r': return '\r';
            case 'n': return '\n';
            case '\\' or '"' or '[' or ']': return kind;
        }
        var digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0 || _at + digits > text.Length
            || !int.TryParse(text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            || value is < 0 or > CharacterSet.Last)
        {
            throw Fault("an escape must be one of \\t \\r \\n \\\\ \\\" \\[ \\] \\xHH \\uHHHH \\UHHHHHHHH.");
        }
        _at += digits;
        return value;
    }

    private string ReadName()
    {
        var from = _at;
        while (IsWord(Current))
        {
            _at++;
        }
        return _at > from ? text[from.._at] : throw Fault($"a rule's name is expected, not '{Shown()}'.");
    }

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t')
        {
            _at++;
        }
    }

    private void SkipSpace(bool lines)
    {
        while (_at < text.Length && (Current is ' ' or '\t' or '#' || (lines && (Current is '\r' or '\n'))))
        {
            if (Current == '#')
            {
                while (_at < text.Length && Current is not ('\r' or '\n'))
                {
                    _at++;
                }
                continue;
            }
            _line += Current == '\n' ? 1 : 0;
            _at++;
        }
    }

    private string Shown() => _at >= text.Length ? "the end" : char.IsControl(Current) || char.IsSurrogate(Current) ? $"U+{(int)Current:X4}" : Current.ToString();

    private GrammarException Fault(string message) => new(_line, message);

    private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '-';
}
