using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Kit;

/// <summary>A member of a pool whose model says what its script says.</summary>
public sealed class ScriptedMember : IPoolMember
{
    public ScriptedMember(string name, IChatClient? client = null, string model = "muse-mini")
    {
        Name = name;
        Client = client ?? ScriptedChatClient.Saying("an egg");
        Model = new ModelInfo { Id = model, ContextLength = 4096, Vision = true, MaxSequences = 16 };
        Status = new MemberStatus(MemberPhase.Ready) { Models = [Model], CanContinue = true, Rows = 16 };
    }

    public event Action? Changed;

    public string Name { get; }
    public string Place => "here";
    public bool IsLocal { get; init; }
    public IChatClient Client { get; private set; }
    public ModelInfo Model { get; }
    public MemberStatus Status { get; set; }
    public EngineSnapshot? Latest { get; set; }

    /// <summary>What a connection waits for, while it starts.</summary>
    public Task Started { get; set; } = Task.CompletedTask;

    public async ValueTask<AgentEndpoint> ConnectAsync(string? model, CancellationToken cancellationToken)
    {
        await Started.WaitAsync(cancellationToken);
        return Status.Phase == MemberPhase.Ready
            ? new AgentEndpoint(Client, Model)
            : throw new ChatClientException(ChatFailure.Unreachable, Status.Reason ?? "It is not there.");
    }

    /// <summary>The models of its next processes, in order: each takes over where the one before ends.</summary>
    public Queue<IChatClient> Next { get; init; } = [];

    /// <summary>Told when a process has ended and the next begins.</summary>
    public Action? Ended { get; set; }

    public async ValueTask<AgentEndpoint?> ConnectAgainAsync(AgentEndpoint failed, CancellationToken cancellationToken)
    {
        lock (Next)
        {
            if (Client == failed.Client)
            {
                if (!Next.TryDequeue(out var next))
                    return null;
                Client = next;
                Ended?.Invoke();
            }
        }

        return await ConnectAsync(failed.ModelId, cancellationToken);
    }

    public Task RestartAsync() => Task.CompletedTask;

    public void Become(MemberStatus status)
    {
        Status = status;
        Changed?.Invoke();
    }
}
