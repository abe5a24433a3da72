using Microsoft.Extensions.Options;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Pool.Elastic;
using MuseWorkbench.Web.Features.Pool.Metrics;

namespace MuseWorkbench.Web.Features.Pool;

internal static class PoolSetup
{
    public static void AddPool(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PoolOptions>().Bind(builder.Configuration.GetSection("Pool"))
            .Validate(o => PlacementPolicies.Names.Contains(o.Policy), $"Pool:Policy must be one of {string.Join(", ", PlacementPolicies.Names)}.")
            .Validate(o => o.Members.All(member => member.Fault() is null), FirstFault(builder.Configuration))
            .Validate(o => o.Members.SelectMany(member => member.NodeNames).GroupBy(name => name, StringComparer.Ordinal).All(name => name.Count() == 1), "Pool:Members must have names that differ, those of their nodes (NAME-2, NAME-3 …) among them.")
            .Validate(o => o.WaitSeconds is >= 0 and <= 3600, "Pool:WaitSeconds must be between 0 and 3600.")
            .ValidateOnStart();
        builder.Services.AddSingleton(services =>
        {
            var options = services.GetRequiredService<IOptions<PoolOptions>>().Value;
            return new AgentPool(options.Policy, services.GetRequiredService<TimeProvider>()) { Patience = TimeSpan.FromSeconds(options.WaitSeconds) };
        });
        builder.Services.AddSingleton<IAgentClients>(services => services.GetRequiredService<AgentPool>());
        builder.Services.AddSingleton<IEngineWatch, PoolEngineWatch>();
        builder.Services.AddSingleton<LocalNodes>();
        builder.Services.AddSingleton<PoolScaler>();
        builder.Services.AddSingleton<PoolMembers>();
        builder.Services.AddSingleton<Engine.IMemberMonitors>(services => services.GetRequiredService<PoolMembers>());
        builder.Services.AddHostedService(services => services.GetRequiredService<PoolMembers>());
        builder.Services.AddHostedService(services => services.GetRequiredService<PoolScaler>());
    }

    public static void MapPool(this WebApplication app)
    {
        app.MapGet("/metrics", async (AgentPool pool, CancellationToken cancellationToken) =>
        {
            var pages = await Task.WhenAll(pool.All.OfType<LocalMember>().Select(async member => (member.Name, await member.ReadMetricsAsync(cancellationToken))));
            return Results.Text(JoinedMetrics.Join(pages), JoinedMetrics.ContentType);
        }).WithTags("Pool").WithSummary("The local engines' metrics for Prometheus, told apart by the label engine.");
        MapMembers(app);
    }

    private static void MapMembers(WebApplication app) =>
        app.MapGet("/api/pool", (AgentPool pool, PoolScaler scaler) => Results.Json(new
        {
            pool.Policy,
            Groups = scaler.Groups.Select(group => new
            {
                group.Name, group.Limits.Min, group.Limits.Max, group.Running, group.Starting, group.Stopping, group.Waiting,
                Notes = group.Notes.Select(note => new { note.At, note.Text, note.IsFault }),
            }),
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
