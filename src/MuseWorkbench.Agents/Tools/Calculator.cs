using System.Globalization;

namespace MuseWorkbench.Agents.Tools;

/// <summary>Exact decimal arithmetic: <c>{"expression":"95 + 2*(105-3)"}</c>. Knows + - * / and parentheses.</summary>
internal sealed class Calculator : ITool
{
    // The parser says itself what is wrong with a longer one.
    private const int MaxLength = ToolLimits.ArgumentLength;

    public ToolDefinition Definition { get; } = new(
        ToolNames.Calculator, "Exact arithmetic with + - * / and parentheses.",
        [new("expression", ToolParameterKind.Text, "Such as 95+2*(105-3).") { MaxLength = MaxLength }]);

    public ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var (value, error) = ArithmeticParser.Evaluate(arguments.Text("expression"));
        return new(error is null
            ? new ToolResult(value.ToString("0.############################", CultureInfo.InvariantCulture))
            : ToolResult.Error(error));
    }
}
