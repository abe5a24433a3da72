using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Agents.Tests.Pool;

public class StepMeterTests
{
    [Fact]
    public void Learned_Nothing_Null() => Assert.Null(new StepMeter().Learned);

    [Fact]
    public void Learned_StepsOnALine_IsTheLine()
    {
        var meter = new StepMeter();
        foreach (var rows in new[] { 1, 8, 3, 16, 5, 12, 2, 9 })
            meter.Note(rows, 12 + (0.5 * rows));

        var step = meter.Learned!.Value;
        Assert.Equal(12, step.FixedMs, 1e-6);
        Assert.Equal(0.5, step.PerRowMs, 1e-6);
        Assert.Equal(44, step.At(64), 1e-6);
    }

    [Fact]
    public void Learned_OneSizeOnly_FitsThatSizeAndGrowsWithRows()
    {
        var meter = new StepMeter();
        for (var i = 0; i < 20; i++)
            meter.Note(8, 20);

        var step = meter.Learned!.Value;
        Assert.Equal(20, step.At(8), 1e-9);
        Assert.InRange(step.At(16), 20.1, 40);
    }

    [Fact]
    public void Learned_HardwareGotSlower_Follows()
    {
        var meter = new StepMeter();
        for (var i = 0; i < 300; i++)
            meter.Note(1 + (i % 8), 10 + (i % 8));
        for (var i = 0; i < 300; i++)
            meter.Note(1 + (i % 8), 2 * (10 + (i % 8)));

        Assert.Equal(2 * 13, meter.Learned!.Value.At(4), 0.5);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(-1, 10)]
    [InlineData(4, 0)]
    [InlineData(4, double.NaN)]
    [InlineData(double.PositiveInfinity, 10)]
    public void Note_WhatCantBe_IsLeftOut(double rows, double milliseconds)
    {
        var meter = new StepMeter();
        meter.Note(rows, milliseconds);

        Assert.Null(meter.Learned);
    }

    [Fact]
    public void Learned_MoreRowsWereFaster_NeverBelowZero()
    {
        var meter = new StepMeter();
        meter.Note(1, 50);
        meter.Note(16, 10);

        var step = meter.Learned!.Value;
        Assert.True(step is { FixedMs: >= 0, PerRowMs: >= 0 } && step.At(64) > 0);
    }
}
