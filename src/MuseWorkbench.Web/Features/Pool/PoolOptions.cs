using System.Text.Json.Serialization;
using MuseWorkbench.Agents.Pool;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>Which servers agents are placed on, and how. Configuration section <c>Pool</c>.</summary>
public sealed class PoolOptions
{
    /// <summary>How a member is chosen: one of <see cref="PlacementPolicies.Names"/>.</summary>
    public string Policy { get; set; } = PlacementPolicies.Default;

    /// <summary>The members; none for the local engine alone. Those added on the Pool page are kept in the data directory.</summary>
    public IList<MemberOptions> Members { get; } = [];
}

/// <summary>One member.</summary>
public sealed class MemberOptions
{
    /// <summary>An engine of this workbench, in place of an address: the member's own section <c>Engine</c> over the workbench's.</summary>
    public const string LocalKind = "local";

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

    [JsonIgnore]
    public bool IsLocal => Kind == LocalKind;

    /// <summary>What is wrong with it, a sentence; null where nothing is.</summary>
    public string? Fault()
    {
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > 64 || Name.Any(char.IsControl))
            return "A member needs a name of up to 64 characters.";
        if (!Kinds.Contains(Kind))
            return $"\"{Kind}\" is no kind of member; there are {string.Join(", ", Kinds)}.";
        if (Rows is < 0 or > 65536)
            return "Rows must be between 0 and 65536.";
        if (IdleSeconds is not (> 0 and <= 86_400))
            return "IdleSeconds must be more than 0, a day at most.";
        if (IsLocal)
            return null;
        return Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url is { UserInfo: "", Query: "", Fragment: "" }
            ? null
            : $"\"{Url}\" is no address of a server; it should look like http://gpu-1:8000.";
    }
}
