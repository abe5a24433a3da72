using MuseWorkbench.Agents.Pool.Scaling;

namespace MuseWorkbench.Web.Features.Pool.Elastic;

/// <summary>How many nodes a member has. Configuration section <c>Pool:Members:n:Nodes</c>; never from the page, as it may name a command.</summary>
public sealed class NodesOptions
{
    private const int MostLocal = 64;
    private const int MostRemote = 1000;

    /// <summary>Nodes that always run.</summary>
    public int Min { get; set; } = 1;

    /// <summary>Nodes that run at most.</summary>
    public int Max { get; set; } = 1;

    /// <summary>A node is stopped that had no agent for so long.</summary>
    public double IdleMinutes { get; set; } = 10;

    /// <summary>A node is started where an agent would wait longer for a place.</summary>
    public double QueueSeconds { get; set; } = 2;

    /// <summary>Agents that one node of a server elsewhere decodes at once.</summary>
    public int Rows { get; set; } = 32;

    /// <summary>How long a node more of a server elsewhere takes until it serves: no other is asked for meanwhile.</summary>
    public double StartSeconds { get; set; } = 120;

    /// <summary>A program and its arguments, run where a server elsewhere should have another number of nodes; none for no command.</summary>
    public IList<string> Command { get; } = [];

    /// <summary>An address that is told the same; empty for none.</summary>
    public string Webhook { get; set; } = "";

    /// <summary>Sent to it as bearer token; empty for none.</summary>
    public string WebhookKey { get; set; } = "";

    /// <summary>How long the command or the address may take.</summary>
    public double TimeoutSeconds { get; set; } = 30;

    /// <summary>As the decisions take them.</summary>
    public NodeLimits Limits => new() { Min = Min, Max = Math.Max(Min, Max), Idle = TimeSpan.FromMinutes(IdleMinutes), Queue = TimeSpan.FromSeconds(QueueSeconds) };

    /// <summary>What is wrong with it, a sentence; null where nothing is.</summary>
    public string? Fault(bool isLocal)
    {
        var most = isLocal ? MostLocal : MostRemote;
        if (Min < 0 || Max < 1 || Max < Min || Max > most)
            return $"Nodes must have 0 ≤ Min ≤ Max and 1 ≤ Max ≤ {most}.";
        if (IdleMinutes is not (> 0 and <= 43_200))
            return "Nodes:IdleMinutes must be more than 0, 30 days at most.";
        if (QueueSeconds is not (> 0 and <= 86_400))
            return "Nodes:QueueSeconds must be more than 0, a day at most.";
        if (TimeoutSeconds is not (> 0 and <= 3600))
            return "Nodes:TimeoutSeconds must be more than 0, an hour at most.";
        if (StartSeconds is not (>= 0 and <= 86_400))
            return "Nodes:StartSeconds must be between 0 and a day.";
        if (Rows is < 1 or > 65536)
            return "Nodes:Rows must be between 1 and 65536.";
        if (isLocal)
            return Command.Count > 0 || Webhook.Length > 0 ? "Nodes:Command and Nodes:Webhook are for servers elsewhere: the workbench starts its own nodes itself." : null;
        if (Command.Count > 0 == Webhook.Length > 0)
            return "Nodes of a server elsewhere need a Command or a Webhook, one of them: the workbench can't start them itself.";
        return Webhook.Length == 0 || (Uri.TryCreate(Webhook, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", UserInfo: "" })
            ? null
            : $"\"{Webhook}\" is no address of a webhook.";
    }
}
