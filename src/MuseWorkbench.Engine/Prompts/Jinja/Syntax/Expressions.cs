using MuseWorkbench.Engine.Prompts.Jinja.Values;

namespace MuseWorkbench.Engine.Prompts.Jinja.Syntax;

/// <summary>Something that has a value.</summary>
internal abstract record Expression;

internal sealed record Literal(JinjaValue Value) : Expression;
internal sealed record Name(string Id) : Expression;
internal sealed record ListLiteral(IReadOnlyList<Expression> Items, bool IsTuple) : Expression;
internal sealed record MapLiteral(IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression;

/// <summary><c>value.name</c>: a method or attribute first, then a key.</summary>
internal sealed record Member(Expression Target, string Id) : Expression;

/// <summary><c>value[key]</c>: a key first, then an attribute.</summary>
internal sealed record Item(Expression Target, Expression Key) : Expression;

internal sealed record Slice(Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression;
internal sealed record Call(Expression Target, Arguments Arguments) : Expression;

/// <param name="Target">Null where the block form of the tag gives the subject.</param>
/// <param name="Id">The filter's name.</param>
/// <param name="Arguments">What follows the subject.</param>
internal sealed record Filter(Expression? Target, string Id, Arguments Arguments) : Expression;

internal sealed record Test(Expression Target, string Id, Arguments Arguments) : Expression;
internal sealed record Not(Expression Operand) : Expression;
internal sealed record Sign(Expression Operand, bool Negative) : Expression;
internal sealed record Binary(Expression Left, string Operator, Expression Right) : Expression;
internal sealed record Concatenation(IReadOnlyList<Expression> Parts) : Expression;

/// <summary><c>a &lt; b &lt;= c</c>: each neighbouring pair must hold; later operands are left alone once one does not.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression;

internal sealed record Logic(Expression Left, bool IsAnd, Expression Right) : Expression;
internal sealed record Conditional(Expression Condition, Expression Then, Expression? Else) : Expression;

/// <summary>Arguments as written.</summary>
internal sealed record Arguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? MorePositional, Expression? MoreNamed)
{
    public static Arguments None { get; } = new([], [], null, null);
}
