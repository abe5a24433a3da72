using System.Text;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Runs;

/// <summary>What an agent has said since it began, as its events tell it.</summary>
internal sealed class RecordedTurn
{
    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _answer = new();
    private readonly List<Region> _answerRegions = [];
    private int _regions;
    private int _calls;
    private bool _isFirst = true;

    /// <summary>Whether it can be handed to a server as the beginning of the agent's reply: while that is its first, and has begun.</summary>
    public bool CanBeTakenUp => _isFirst && _raw.Length > 0;

    public string Reasoning => _reasoning.ToString();

    public IReadOnlyList<Region> AnswerRegions => _answerRegions;

    public AgentBeginning ToBeginning(string model, int tokens) => new(model, _raw.ToString(), Reasoning, _answer.ToString(), _regions, tokens, _calls);

    public void Add(CallSent call)
    {
        _calls++;
        if (!call.Continues)
            return;
        // The call's own record of what it went on from: markup that was set behind it is there.
        _raw.Clear();
        _raw.Append(call.Messages is [.., { Role: "assistant" } begun] ? begun.Text : "");
    }

    public void Add(TextDelta delta)
    {
        _raw.Append(delta.Raw ?? delta.Text);
        (delta is ReasoningDelta ? _reasoning : _answer).Append(delta.Text);
    }

    public void Add(RegionFound found)
    {
        _regions++;
        _raw.Append(found.Raw);
        if (found.Channel == TextChannel.Answer)
            _answerRegions.Add(found.Region);
    }

    /// <summary>It called a tool: what it says next is another turn.</summary>
    public void CallsTool() => _isFirst = false;
}
