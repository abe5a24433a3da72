using Microsoft.Extensions.Options;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>Makes the engine nodes beyond the first: each with the settings of section <c>Engine</c>, its own over them.</summary>
internal sealed class LocalNodes(IConfiguration configuration, IOptionsMonitor<NodeOptions> options, IOptions<NodeOptions> node, Places places, TimeProvider time, ILogger<NodeSupervisor> logger)
{
    /// <summary>Why a node sleeps that was never started.</summary>
    public const string NotNeeded = "No agent needed it yet.";

    /// <param name="index">The member's place in <c>Pool:Members</c>.</param>
    public NodeSupervisor Create(int index) =>
        new(new NodeLauncher(Command(index), configuration), configuration, node, time, logger);

    /// <summary>What a node of that member is started with.</summary>
    public NodeCommand Command(int index) => new(configuration, options, places, SectionOf(index));

    /// <summary>Whether nodes are started at all.</summary>
    public bool Start => node.Value.Start;

    /// <summary>Settings of the first local member, which the workbench's own engine is; null where none is listed.</summary>
    public static string? FirstSection(IConfiguration configuration) =>
        configuration.GetSection("Pool:Members").GetChildren().FirstOrDefault(member => member["Kind"] == MemberOptions.LocalKind) is { } first ? $"{first.Path}:Engine" : null;

    /// <summary>Whether the workbench's own engine is only started when it is needed.</summary>
    public static bool FirstSleeps(IConfiguration configuration) =>
        configuration.GetSection("Pool:Members").GetChildren().FirstOrDefault(member => member["Kind"] == MemberOptions.LocalKind)?.GetSection("Nodes") is { } nodes
        && nodes.Exists() && nodes.Get<NodesOptions>()?.Min == 0;

    private static string SectionOf(int index) => $"Pool:Members:{index}:Engine";
}
