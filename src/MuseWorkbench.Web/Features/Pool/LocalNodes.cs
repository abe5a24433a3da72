using Microsoft.Extensions.Options;
using MuseWorkbench.Web.Features.Engine;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Pool;

/// <summary>Makes the engine nodes beyond the first: each with the settings of section <c>Engine</c>, its own over them.</summary>
internal sealed class LocalNodes(IConfiguration configuration, IOptionsMonitor<NodeOptions> options, IOptions<NodeOptions> node, Places places, TimeProvider time, ILogger<NodeSupervisor> logger)
{
    /// <param name="index">The member's place in <c>Pool:Members</c>.</param>
    public NodeSupervisor Create(int index) =>
        new(new NodeLauncher(new NodeCommand(configuration, options, places) { Section = SectionOf(index) }, configuration), configuration, node, time, logger);

    public static string SectionOf(int index) => $"Pool:Members:{index}:Engine";
}
