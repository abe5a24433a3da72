using System.Collections.Immutable;

namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>
/// A text that knows where its characters come from: ranges that are not the template's own are marked, and every operation
/// keeps the marks on the characters they belong to. So a rendering can be cut into what the template wrote and what it was
/// given, whatever it did with that on the way.
/// </summary>
internal sealed class JinjaString(string text, ImmutableArray<JinjaMark> marks) : JinjaValue
{
    /// <summary>Stands where an image is; only a mark makes it one.</summary>
    public const string ImageSlot = "\uFFFC";

    public static JinjaString Empty { get; } = new("");

    public JinjaString(string text) : this(text, [])
    {
    }

    public override string Kind => "str";
    public override bool IsTrue => Text.Length > 0;
    public string Text { get; } = text;

    /// <summary>In order, without overlaps or empty ranges.</summary>
    public ImmutableArray<JinjaMark> Marks { get; } = marks;

    /// <summary>A text that is not the template's.</summary>
    public static JinjaString Untrusted(string text, int source = -1) => new(text, text.Length == 0 ? [] : [new JinjaMark(0, text.Length, source)]);

    /// <summary>A place for an image.</summary>
    public static JinjaString ImageAt(int image, int source) => new(ImageSlot, [new JinjaMark(0, 1, source, image)]);

    public JinjaString Slice(int start, int end)
    {
        if (start == 0 && end == Text.Length)
        {
            return this;
        }
        if (start >= end)
        {
            return Empty;
        }
        var marks = ImmutableArray.CreateBuilder<JinjaMark>();
        foreach (var mark in Marks)
        {
            if (mark.End > start && mark.Start < end)
            {
                marks.Add(mark with { Start = Math.Max(mark.Start, start) - start, End = Math.Min(mark.End, end) - start });
            }
        }
        return new(Text[start..end], marks.ToImmutable());
    }

    /// <summary>Changes characters one for one, such as their case; marks stay where they are.</summary>
    public JinjaString WithText(string text) => text.Length == Text.Length ? new(text, Marks) : throw new ArgumentException("The length must stay the same.", nameof(text));

    /// <summary>All of it taken as not the template's, where any of it is not: text that must be read as one.</summary>
    public JinjaString AllOrNothing()
    {
        if (Marks.IsEmpty)
        {
            return this;
        }
        var builder = new JinjaStringBuilder();
        var done = 0;
        foreach (var mark in Marks)
        {
            builder.Append(Untrusted(Text[done..mark.Start])).Append(Slice(mark.Start, mark.End));
            done = mark.End;
        }
        return builder.Append(Untrusted(Text[done..])).ToText();
    }
}
