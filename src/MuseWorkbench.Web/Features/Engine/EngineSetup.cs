using Microsoft.Extensions.Options;
using MuseWorkbench.Web.Features.Pool;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Engine;

internal static class EngineSetup
{
    public static void AddEngineNode(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<NodeOptions>().Bind(builder.Configuration.GetSection("Node"))
            .Validate(o => o.WaitSeconds is >= 0 and <= 3600, "Node:WaitSeconds must be between 0 and 3600.")
            .ValidateOnStart();
        builder.Services.AddSingleton(services => new NodeCommand(
            builder.Configuration, services.GetRequiredService<IOptionsMonitor<NodeOptions>>(), services.GetRequiredService<Places>(), LocalNodes.FirstSection(builder.Configuration)));
        builder.Services.AddSingleton<INodeLauncher, NodeLauncher>();
        builder.Services.AddSingleton(services =>
        {
            var supervisor = ActivatorUtilities.CreateInstance<NodeSupervisor>(services);
            if (LocalNodes.FirstSleeps(builder.Configuration))
            {
                supervisor.Sleep(LocalNodes.NotNeeded);
            }

            return supervisor;
        });
        builder.Services.AddSingleton<INodeMonitor>(services => services.GetRequiredService<NodeSupervisor>());
        builder.Services.AddHostedService(services => services.GetRequiredService<NodeSupervisor>());
    }
}
