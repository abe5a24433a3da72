using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Tests.Scheduling;

/// <summary>When a reader is given what has happened: each step takes a millisecond, and draws a token.</summary>
public class PaceTests
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(4);

    private readonly EngineHarness _engine = new(new FakeRuntime(maxBatch: 8) { Script = _ => 'a' });

    [Fact]
    public void Step_Paced_FirstTokenComesAtOnceAndLaterOnesTogether()
    {
        var client = _engine.AskPaced(s_pace, "x", maxTokens: 100);

        Assert.Equal([1, 1, 1, 1, 5, 5, 5, 5, 9], TokensAfterEachOf(9, client));
    }

    [Fact]
    public void Step_PacedTogether_AreGivenInTheSameSteps()
    {
        var clients = new[] { _engine.AskPaced(s_pace, "x", maxTokens: 100), _engine.AskPaced(s_pace, "y", maxTokens: 100) };
        _engine.Steps(9);

        Assert.All(clients, client => Assert.Equal(9, Tokens(client)));
    }

    [Fact]
    public void Step_PromptArrives_NothingIsHeldWhileItIsComputed()
    {
        var client = _engine.AskPaced(s_pace, "x", maxTokens: 100);
        _engine.Steps(3);
        _engine.AskPaced(s_pace, "a longer prompt", maxTokens: 1);
        _engine.Step();

        Assert.Equal(3, Tokens(client));
    }

    [Fact]
    public void Step_LastToken_EndsWithEverything()
    {
        var client = _engine.AskPaced(s_pace, "x", maxTokens: 3);
        _engine.Steps(3);

        Assert.Equal(3, Tokens(client));
        Assert.Equal(FinishReason.Length, client.Finish.Reason);
    }

    [Fact]
    public void Cancel_TokensHeld_AreGivenBeforeTheEnd()
    {
        var client = _engine.AskPaced(s_pace, "x", maxTokens: 100);
        _engine.Steps(3);
        _engine.Cancel(client);
        _engine.Step();

        Assert.Equal(3, Tokens(client));
    }

    private static int Tokens(Client client) => client.Events.OfType<TokenGenerated>().Count();

    private IEnumerable<int> TokensAfterEachOf(int steps, Client client) => Enumerable.Range(0, steps).Select(_ =>
    {
        _engine.Step();
        return Tokens(client);
    });
}
