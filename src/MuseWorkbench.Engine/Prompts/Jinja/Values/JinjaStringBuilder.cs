using System.Collections.Immutable;
using System.Text;

namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>Puts texts together with their marks.</summary>
internal sealed class JinjaStringBuilder
{
    private readonly StringBuilder _text = new();
    private readonly ImmutableArray<JinjaMark>.Builder _marks = ImmutableArray.CreateBuilder<JinjaMark>();

    public int Length => _text.Length;

    public JinjaStringBuilder Append(JinjaString text)
    {
        foreach (var mark in text.Marks)
        {
            var moved = mark with { Start = mark.Start + _text.Length, End = mark.End + _text.Length };
            if (_marks.Count > 0 && _marks[^1].Continues(moved))
            {
                _marks[^1] = _marks[^1] with { End = moved.End };
            }
            else
            {
                _marks.Add(moved);
            }
        }
        _text.Append(text.Text);
        return this;
    }

    /// <summary>Text of the template or of this library.</summary>
    public JinjaStringBuilder Append(string text)
    {
        _text.Append(text);
        return this;
    }

    public JinjaString ToText() => new(_text.ToString(), _marks.ToImmutable());
}
