using MuseWorkbench.Engine.Scheduling;

namespace MuseWorkbench.Engine.Tests.Scheduling;

public class PromptBudgetTests
{
    [Fact]
    public void Rows_NobodyGenerates_AreAllABatchHolds()
    {
        var budget = new PromptBudget(512, stallMs: 100);
        budget.Observe(512, 0, 5000);

        Assert.Equal(512, budget.Rows(generating: false));
    }

    [Fact]
    public void Rows_Generating_AreWhatFitsBesideTheGeneratingRows()
    {
        var budget = new PromptBudget(512, stallMs: 100);
        budget.Observe(0, 8, 20);
        budget.Observe(200, 0, 400);

        Assert.Equal(40, budget.Rows(generating: true));
    }

    [Fact]
    public void Rows_GeneratingRowsTakeMostOfTheTime_DoubleIt()
    {
        var budget = new PromptBudget(512, stallMs: 100);
        budget.Observe(0, 8, 90);
        budget.Observe(200, 0, 400);

        Assert.Equal(45, budget.Rows(generating: true));
    }

    [Fact]
    public void Rows_StepsThatCarryBoth_CountThePromptsPartOnly()
    {
        var budget = new PromptBudget(512, stallMs: 100);
        budget.Observe(0, 8, 20);
        budget.Observe(50, 8, 120);

        Assert.Equal(40, budget.Rows(generating: true));
    }

    [Theory]
    [InlineData(1_000_000, PromptBudget.Least)]
    [InlineData(0.001, 512)]
    public void Rows_VerySlowOrVeryFast_StayWithinTheirBounds(double milliseconds, int expected)
    {
        var budget = new PromptBudget(512, stallMs: 100);
        budget.Observe(100, 0, milliseconds);

        Assert.Equal(expected, budget.Rows(generating: true));
    }

    [Fact]
    public void Rows_CostsChange_FollowThem()
    {
        var budget = new PromptBudget(512, stallMs: 100);
        budget.Observe(100, 0, 100);
        for (var step = 0; step < 50; step++)
        {
            budget.Observe(100, 0, 400);
        }

        Assert.Equal(25, budget.Rows(generating: true));
    }
}
