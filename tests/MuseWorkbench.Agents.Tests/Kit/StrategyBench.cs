using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>One run of a strategy on agents that say what they are told; agents are numbered by their index in the run.</summary>
public sealed class StrategyBench : IAsyncDisposable
{
    private const int BaseSeed = 100;
    private readonly RunBench _bench;

    private StrategyBench(Func<int, ScriptedCall, IAsyncEnumerable<ChatResponseUpdate>> script)
    {
        Model = new ScriptedChatClient(call => script((int)call.Seed - BaseSeed, call));
        _bench = new RunBench(Model);
    }

    public ScriptedChatClient Model { get; }
    public List<RunEvent> Events { get; private set; } = [];
    public FinalAnswer Final => Assert.Single(Events.OfType<FinalAnswer>());
    public RunFinished End => Assert.IsType<RunFinished>(Events[^1]);
    public IEnumerable<AgentStarted> Started => Events.OfType<AgentStarted>().OrderBy(e => e.Agent);
    public IEnumerable<AgentStoppedEarly> StoppedEarly => Events.OfType<AgentStoppedEarly>();

    /// <summary>Runs it: each agent says one text.</summary>
    public static Task<StrategyBench> RunAsync(string strategy, int agents, Func<int, string> says, StrategyOptions? options = null) =>
        RunAsync(strategy, agents, (index, _) => ScriptedChatClient.Tokens(says(index)), options);

    public static async Task<StrategyBench> RunAsync(
        string strategy, int agents, Func<int, ScriptedCall, IAsyncEnumerable<ChatResponseUpdate>> script, StrategyOptions? options = null)
    {
        var bench = new StrategyBench(script);
        var request = RunBench.Request(agents, "How many?", bench._bench.AddImage());
        bench.Events = await bench._bench.RunAsync(request with { Team = request.Team with { Strategy = strategy, Options = options } });
        return bench;
    }

    /// <summary>What an agent was sent.</summary>
    public string Prompt(int index) => Model.Calls.Single(c => c.Seed == BaseSeed + index).LastText;

    /// <summary>Whether it was sent the image.</summary>
    public bool SawImage(int index) => Model.Calls.Single(c => c.Seed == BaseSeed + index).Messages[^1].Contents.OfType<DataContent>().Any();

    /// <summary>Stage and role of each agent, in the order of their indices.</summary>
    public IEnumerable<(int Stage, AgentRole Role)> Stages => Started.Select(e => (e.Stage, e.Role));

    /// <summary>Says a few tokens, then nothing until it is stopped.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Rambling(ScriptedCall call, [EnumeratorCancellation] CancellationToken stop = default)
    {
        for (var i = 0; i < 3; i++)
            yield return ScriptedChatClient.Text("hm, ");
        await Task.Delay(Timeout.Infinite, call.Stop);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
