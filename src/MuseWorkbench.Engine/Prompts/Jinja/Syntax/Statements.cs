namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>Something that is done.</summary>
/// <param name="Line">Where it begins, from 1.</param>
internal abstract record Statement(int Line);

internal sealed record Text(int Line, string Value) : Statement(Line);
internal sealed record Print(int Line, Expression Value) : Statement(Line);
internal sealed record If(int Line, IReadOnlyList<(Expression Condition, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else) : Statement(Line);
internal sealed record For(int Line, IReadOnlyList<string> Targets, Expression Items, Expression? Condition, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else) : Statement(Line);
internal sealed record Set(int Line, IReadOnlyList<Target> Targets, Expression Value) : Statement(Line);

/// <param name="Line">Where it begins.</param>
/// <param name="Target">What the rendered body is put into.</param>
/// <param name="Filter">Filters applied to it, outermost last; null for none.</param>
/// <param name="Body">What is rendered.</param>
internal sealed record SetBlock(int Line, Target Target, Filter? Filter, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record FilterBlock(int Line, Filter Filter, IReadOnlyList<Statement> Body) : Statement(Line);
internal sealed record With(int Line, IReadOnlyList<(string Name, Expression Value)> Names, IReadOnlyList<Statement> Body) : Statement(Line);
internal sealed record Macro(int Line, string Id, IReadOnlyList<Parameter> Parameters, IReadOnlyList<Statement> Body) : Statement(Line);
internal sealed record CallBlock(int Line, Call Call, Macro Caller) : Statement(Line);
internal sealed record Do(int Line, Expression Value) : Statement(Line);

/// <summary>A tag whose body is rendered as if it was not there, such as <c>generation</c>.</summary>
internal sealed record Group(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record Break(int Line) : Statement(Line);
internal sealed record Continue(int Line) : Statement(Line);

/// <summary>What is set: a variable, or a member of a namespace.</summary>
internal sealed record Target(string Id, string? Member);

internal sealed record Parameter(string Id, Expression? Default);
