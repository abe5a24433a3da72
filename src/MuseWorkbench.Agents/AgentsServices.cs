using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents;

/// <summary>Registers runs and what they are made of.</summary>
public static class AgentsServices
{
    /// <summary>
    /// Adds <see cref="IRunService"/>, the strategies and the tools. The host adds <see cref="Clients.IAgentClients"/>
    /// (where models are served) and <see cref="IImageStore"/> as singletons, and before this <see cref="IRunStore"/>
    /// where runs are to be kept, <see cref="IEngineWatch"/> where what the engine does is to be kept with them, and
    /// <see cref="IImageRenderer"/> where images are to be seen otherwise than as they are.
    /// </summary>
    public static IServiceCollection AddMuseAgents(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddStrategy<SingleAgent>();
        services.AddStrategy<SelfConsistency>();
        services.AddStrategy<AdaptiveSelfConsistency>();
        services.AddStrategy<ConfidenceVoting>();
        services.AddStrategy<BestOfN>();
        services.AddStrategy<Synthesis>();
        services.AddStrategy<MixtureOfAgents>();
        services.AddStrategy<Debate>();
        services.AddStrategy<Council>();
        services.AddStrategy<DistilRefine>();
        services.AddStrategy<SelfAggregation>();
        services.TryAddSingleton<StrategyCatalogue>();
        services.AddTool<Calculator>();
        services.AddTool<Crop>();
        services.AddTool<Measure>();
        services.AddTool<NutritionLookup>();
        services.AddTool<CountRegions>();
        services.AddTool<TableLookup>();
        services.TryAddSingleton<IImageRenderer, NoImageRenderer>();
        services.TryAddSingleton<ToolBox>();
        services.TryAddSingleton<AgentRunner>();
        services.TryAddSingleton<RunValidator>();
        services.TryAddSingleton<IRunStore, NoRunStore>();
        services.TryAddSingleton<IEngineWatch, NoEngineWatch>();
        services.TryAddSingleton<IRunService, RunService>();
        services.AddHostedService<RunRecovery>();
        return services;
    }

    private static void AddStrategy<T>(this IServiceCollection services) where T : class, IStrategy =>
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStrategy, T>());

    private static void AddTool<T>(this IServiceCollection services) where T : class, ITool =>
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITool, T>());
}
