using System.Globalization;
using System.Text.Json;

namespace MuseWorkbench.Agents.Tools;

/// <summary>Exact decimal arithmetic: <c>{"expression":"95 + 2*(105-3)"}</c>. Knows + - * / and parentheses.</summary>
internal sealed class Calculator : ITool
{
    public string Name => "calculator";

    public ValueTask<ToolResult> CallAsync(string arguments, CancellationToken cancellationToken) => new(Call(arguments));

    private static ToolResult Call(string arguments)
    {
        if (ReadExpression(arguments) is not { } expression)
            return ToolResult.Error("The calculator needs {\"expression\":\"…\"}.");
        var (value, error) = ArithmeticParser.Evaluate(expression);
        return error is null
            ? new ToolResult(value.ToString("0.############################", CultureInfo.InvariantCulture))
            : ToolResult.Error(error);
    }

    private static string? ReadExpression(string arguments)
    {
        try
        {
            using var json = JsonDocument.Parse(arguments);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("expression", out var expression)
                && expression.ValueKind == JsonValueKind.String
                    ? expression.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
