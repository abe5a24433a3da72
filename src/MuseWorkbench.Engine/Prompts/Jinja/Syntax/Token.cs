namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

internal enum TokenKind { Text, TagStart, TagEnd, PrintStart, PrintEnd, Name, String, Integer, Float, Operator, End }

/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; a string without its quotes and escapes.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(string text) => Kind is TokenKind.Name or TokenKind.Operator && Text == text;
}
