using Microsoft.Extensions.Options;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;

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
        builder.Services.AddHostedService(services => services.GetRequiredService<PoolMembers>());
    }

    // Said by the validation in place of its own words, which can't name the member.
    private static string FirstFault(IConfiguration configuration)
    {
        var options = new PoolOptions();
        configuration.GetSection("Pool").Bind(options);
        return options.Members.Select((member, index) => member.Fault() is { } fault ? $"Pool:Members:{index}: {fault}" : null).FirstOrDefault(fault => fault is not null) ?? "";
    }
}
