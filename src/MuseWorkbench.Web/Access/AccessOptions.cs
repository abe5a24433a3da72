namespace MuseWorkbench.Web.Access;

/// <summary>Who may reach the workbench. Configuration section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>Shortest key that may be set.</summary>
    public const int MinKeyLength = 16;

    /// <summary>The key that opens the workbench, at least <see cref="MinKeyLength"/> characters. Empty: one is made at each start and printed.</summary>
    public string? Key { get; set; }

    /// <summary>Host names it may be reached by, besides the loopback names and the address it listens on. Without port.</summary>
    public string[] AllowedHosts { get; set; } = [];
}
