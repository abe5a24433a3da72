using Microsoft.Extensions.Options;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Pool;

internal static class PoolSetup
{
    public static void AddPool(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PoolOptions>().Bind(builder.Configuration.GetSection("Pool"))
            .Validate(o => PlacementPolicies.Names.Contains(o.Policy), $"Pool:Policy must be one of {string.Join(", ", PlacementPolicies.Names)}.")
            .Validate(o => o.Members.All(member => member.Fault() is null), FirstFault(builder.Configuration))
            .Validate(o => o.Members.Select(member => member.Name).Distinct(StringComparer.Ordinal).Count() == o.Members.Count, "Pool:Members must have names that differ.")
            .ValidateOnStart();
        builder.Services.AddSingleton(services => new AgentPool(services.GetRequiredService<IOptions<PoolOptions>>().Value.Policy, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IAgentClients>(services => services.GetRequiredService<AgentPool>());
        builder.Services.AddSingleton<LocalNodes>();
        builder.Services.AddSingleton<PoolMembers>();
        builder.Services.AddSingleton<Engine.IMemberMonitors>(services => services.GetRequiredService<PoolMembers>());
        builder.Services.AddHostedService(services => services.GetRequiredService<PoolMembers>());
    }

    public static void MapPool(this WebApplication app) =>
        app.MapGet("/api/pool", (AgentPool pool) => Results.Json(new
        {
            pool.Policy,
            Members = pool.Members.Select(member => new
            {
                member.Name, member.Place, member.Status.Kind, member.Status.Phase, member.Status.Reason, Models = member.Status.Models.Select(model => model.Id),
                member.Draining, member.Breaker, member.Served, member.Failed, member.LastFailure,
                Running = Math.Max(member.Occupants.Length, member.Latest?.Running ?? 0), member.Latest?.Waiting, member.Status.Rows,
                member.Step, member.PrefillPerSecond,
                Agents = member.Occupants.Select(occupant => new { occupant.Run, occupant.Agent, Seconds = Math.Round(occupant.For.TotalSeconds, 1) }),
            }),
        }, MuseJson.Options)).WithTags("Pool").WithSummary("The pool's members: where each stands, its load, and the agents at work there.");

    // Said by the validation in place of its own words, which can't name the member.
    private static string FirstFault(ConfigurationManager configuration)
    {
        var options = new PoolOptions();
        configuration.GetSection("Pool").Bind(options);
        return options.Members.Select((member, index) => member.Fault() is { } fault ? $"Pool:Members:{index}: {fault}" : null).FirstOrDefault(fault => fault is not null) ?? "";
    }
}
