namespace MuseWorkbench.Engine.Sampling;

internal static class UnusableLogits
{
    public static InvalidOperationException Exception() =>
        new("No token can be drawn: the logits are not numbers, or every token is excluded.");
}
