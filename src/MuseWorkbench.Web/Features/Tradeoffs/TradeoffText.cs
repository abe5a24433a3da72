using MuseWorkbench.Curation.Tradeoffs;

namespace MuseWorkbench.Web.Features.Tradeoffs;

/// <summary>Sweeps in the words of the pages.</summary>
internal static class TradeoffText
{
    public static (string Text, string Class) Of(SweepState state) => state switch
    {
        SweepState.Running => ("measuring", "live"),
        SweepState.Stopped => ("stopped", "warn"),
        _ => ("done", "ok"),
    };
}
