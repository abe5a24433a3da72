using MuseWorkbench.Core;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>
/// How a run's agents lay in time, in decoding steps: each begins once those had ended that ended before it began, and takes a step a token.
/// What any engine that decodes them together has to compute, and in which order.
/// </summary>
internal sealed class RunShape
{
    private readonly Dictionary<int, int> _begins = [];
    private readonly List<(int Prompt, int From, int Tokens)> _agents = [];
    private int _ended;

    /// <summary>Tokens of the prompt, first step and tokens of each agent that generated any.</summary>
    public IReadOnlyList<(int Prompt, int From, int Tokens)> Agents => _agents;

    /// <summary>Whether some agents read what others wrote: their prompts are others, and cost what this does not count.</summary>
    public bool HasStages { get; private set; }

    public void Add(RunEvent happened)
    {
        switch (happened)
        {
            case AgentStarted started:
                _begins[started.Agent] = _ended;
                HasStages |= started.Stage > 1;
                break;
            case AgentFinished finished when finished.Usage.GeneratedTokens > 0:
                var agent = (Prompt: finished.Usage.PromptTokens, From: _begins[finished.Agent], Tokens: finished.Usage.GeneratedTokens);
                _agents.Add(agent);
                _ended = Math.Max(_ended, agent.From + agent.Tokens);
                break;
        }
    }
}
