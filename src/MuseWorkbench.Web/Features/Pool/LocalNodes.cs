using Microsoft.Extensions.Options;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>Makes the engine nodes beyond the first: each with the settings of section <c>Engine</c>, its own over them.</summary>
internal sealed class LocalNodes(IConfiguration configuration, IOptionsMonitor<NodeOptions> options, IOptions<NodeOptions> node, Places places, TimeProvider time, ILogger<NodeSupervisor> logger)
{
    /// <param name="index">The member's place in <c>Pool:Members</c>.</param>
    public NodeSupervisor Create(int index) =>
        new(new NodeLauncher(new NodeCommand(configuration, options, places, SectionOf(index)), configuration), configuration, node, time, logger);

    /// <summary>Settings of the first local member, which the workbench's own engine is; null where none is listed.</summary>
    public static string? FirstSection(IConfiguration configuration) =>
        configuration.GetSection("Pool:Members").GetChildren().FirstOrDefault(member => member["Kind"] == MemberOptions.LocalKind) is { } first ? $"{first.Path}:Engine" : null;

    private static string SectionOf(int index) => $"Pool:Members:{index}:Engine";
}
