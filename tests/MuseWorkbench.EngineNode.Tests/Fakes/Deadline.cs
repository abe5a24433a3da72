namespace MuseWorkbench.EngineNode.Tests.Fakes;

/// <summary>Bounds every wait, so that what never happens fails a test instead of hanging it.</summary>
internal static class Deadline
{
    /// <summary>Cancelled 30 s from now, or when the test is.</summary>
    public static CancellationToken Token
    {
        get
        {
            var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            source.CancelAfter(TimeSpan.FromSeconds(30));
            return source.Token;
        }
    }
}
