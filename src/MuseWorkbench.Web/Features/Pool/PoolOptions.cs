using System.Text.Json.Serialization;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Web.Features.Pool.Elastic;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>Which servers agents are placed on, and how. Configuration section <c>Pool</c>.</summary>
public sealed class PoolOptions
{
    /// <summary>How a member is chosen: one of <see cref="PlacementPolicies.Names"/>.</summary>
    public string Policy { get; set; } = PlacementPolicies.Default;

    /// <summary>Longest an agent waits for an engine to be started, seconds.</summary>
    public double WaitSeconds { get; set; } = 60;

    /// <summary>The members; none for the local engine alone. Those added on the Pool page are kept in the data directory.</summary>
    public IList<MemberOptions> Members { get; } = [];
}

/// <summary>One member.</summary>
public sealed class MemberOptions
{
    /// <summary>An engine of this workbench, in place of an address: the member's own section <c>Engine</c> over the workbench's.</summary>
    public const string LocalKind = "local";

    private const int LongestName = 64;

    /// <summary>What servers can be said to be; without, they are asked.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["auto", LocalKind, "node", "llama-server", "vllm", "sglang", "openai"];

    /// <summary>Unique; shown to users.</summary>
    public string Name { get; set; } = "";

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public string Kind { get; set; } = "auto";

    /// <summary>The server's base address, with or without <c>/v1</c>; empty for a local engine.</summary>
    public string Url { get; set; } = "";

    /// <summary>Sent as bearer token; empty for none.</summary>
    public string Key { get; set; } = "";

    /// <summary>The model to use there; empty for the first it lists.</summary>
    public string Model { get; set; } = "";

    /// <summary>Sequences it decodes at once, where it doesn't say; 0 for a guess.</summary>
    public int Rows { get; set; }

    /// <summary>Longest silence within a reply before an agent goes elsewhere, seconds.</summary>
    public double IdleSeconds { get; set; } = 120;

    /// <summary>How many nodes it has; null for one that always runs. Of the settings alone: what is kept of the page's members has none.</summary>
    [JsonIgnore]
    public NodesOptions? Nodes { get; set; }

    /// <summary>What its nodes are called in the pool: the first as the member, the others with a number.</summary>
    [JsonIgnore]
    public IEnumerable<string> NodeNames => IsLocal && Nodes is { } nodes ? Enumerable.Range(1, Math.Max(1, nodes.Max)).Select(n => n == 1 ? Name : $"{Name}-{n}") : [Name];

    [JsonIgnore]
    public bool IsLocal => Kind == LocalKind;

    /// <summary>What is wrong with it, a sentence; null where nothing is.</summary>
    public string? Fault()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > LongestName || Name.Any(char.IsControl))
            return "A member needs a name of up to 64 characters.";
        if (!Kinds.Contains(Kind))
            return $"\"{Kind}\" is no kind of member; there are {string.Join(", ", Kinds)}.";
        if (Rows is < 0 or > 65536)
            return "Rows must be between 0 and 65536.";
        if (IdleSeconds is not (> 0 and <= 86_400))
            return "IdleSeconds must be more than 0, a day at most.";
        if (Nodes?.Fault(IsLocal) is { } fault)
            return fault;
        if (IsLocal)
            return NodeNames.Last().Length <= LongestName ? null : $"A member with several nodes needs a name that leaves room for \"-{Nodes!.Max}\".";
        return Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { UserInfo: "", Query: "", Fragment: "" }
            ? null
            : $"\"{Url}\" is no address of a server; it should look like http://gpu-1:8000.";
    }
}
