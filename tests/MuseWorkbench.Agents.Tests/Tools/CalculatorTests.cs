using System.Text.Json;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Agents.Tools;

namespace MuseWorkbench.Agents.Tests.Tools;

public class CalculatorTests
{
    [Theory]
    [InlineData("95+105", "200")]
    [InlineData(" 2 * (3 - 5) / 4 ", "-1")]
    [InlineData("0.1+0.2", "0.3")]
    [InlineData("-(-3)", "3")]
    [InlineData("7-2-1", "4")]
    [InlineData("2 × 3 ÷ 4", "1.5")]
    [InlineData("10/4*2", "5")]
    public async Task Call_Expression_Exact(string expression, string result) =>
        Assert.Equal(new ToolResult(result), await CallAsync(expression));

    [Theory]
    [InlineData("1/0", "Division by zero.")]
    [InlineData("1+", "The expression ends too early.")]
    [InlineData("", "The expression ends too early.")]
    [InlineData("(1", "A closing parenthesis is missing.")]
    [InlineData("2 apples", "Unexpected \"a\" at character 3.")]
    [InlineData("1\0+2", "Unexpected \"\0\" at character 2.")]
    [InlineData("1.2.3", "\"1.2.3\" is not a number this calculator can hold.")]
    [InlineData("79228162514264337593543950335*2", "A number is too large.")]
    public async Task Call_WrongExpression_ErrorForTheModel(string expression, string error) =>
        Assert.Equal(ToolResult.Error(error), await CallAsync(expression));

    [Fact]
    public async Task Call_LongOrDeepExpression_Refused()
    {
        Assert.True((await CallAsync(new string('(', 500) + "1" + new string(')', 499))).IsError);
        Assert.True((await CallAsync(new string('-', 900) + "1")).IsError);
        Assert.True((await CallAsync(new string('1', 1001))).IsError);
        Assert.Equal(new ToolResult("1"), await CallAsync(new string('(', 40) + "1" + new string(')', 40)));
    }

    [Theory]
    [InlineData("95+105")]
    [InlineData("{\"expression\":5}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Call_OtherArguments_SaysWhatItNeeds(string arguments) =>
        Assert.True((await ToolBench.CallAsync(new Calculator(), arguments)).IsError);

    private static Task<ToolResult> CallAsync(string expression) => ToolBench.CallAsync(new Calculator(), JsonSerializer.Serialize(new { expression }));
}
