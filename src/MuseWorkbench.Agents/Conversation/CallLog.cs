using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>Records what an agent's calls sent and brought back, each message once.</summary>
/// <param name="work">The agent's.</param>
/// <param name="told">Messages that earlier calls of it have recorded.</param>
internal sealed class CallLog(AgentWork work, int told)
{
    private int _calls = work.Begun?.Calls ?? 0;
    private int _told = told;
    private bool _open;

    /// <summary>A call is about to be made.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="begun">The beginning of the model's own reply, sent behind it; null where there is none.</param>
    public void Sent(List<ChatMessage> messages, ChatMessage? begun)
    {
        IEnumerable<ChatMessage> added = messages.Skip(_told);
        (_told, _open) = (messages.Count, true);
        work.Journal.Write(new CallSent
        {
            Agent = work.Index, Call = ++_calls, Continues = begun is not null,
            Messages = [.. (begun is null ? added : added.Append(begun)).Select(AgentPrompt.Record)],
        });
    }

    /// <summary>The call is over, however it ended; once for each.</summary>
    public void Ended(TurnReader reader)
    {
        if (!_open)
            return;
        _open = false;
        var (prompt, output, reasoning) = reader.Call;
        work.Journal.Write(new CallEnded { Agent = work.Index, Call = _calls, Prompt = prompt, Output = output, Reasoning = reasoning });
    }
}
