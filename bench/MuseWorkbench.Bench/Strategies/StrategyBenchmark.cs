using Microsoft.Extensions.DependencyInjection;
using MuseWorkbench.Agents;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Bench.Compare;
using MuseWorkbench.Core;
using MuseWorkbench.Engine;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>
/// Every strategy on the same cases with the bundled model, through an engine node of its own: how often it is right, and what that costs.
/// Strategies take turns case by case, so that a machine that slows down slows all of them.
/// </summary>
internal static class StrategyBenchmark
{
    public static async Task<StrategyReport> RunAsync(StrategyBenchOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        var folders = new CaseFolders(options.Cases, options.Abilities, options.Count);
        await using var node = await ChatServer.StartAsync("engine node", "dotnet", port => Arguments(options, port), cancellationToken);
        await using var services = new ServiceCollection().AddLogging()
            .AddSingleton<IAgentClients>(await NodeEndpoint.ConnectAsync(node, cancellationToken))
            .AddSingleton<IImageStore>(folders)
            .AddSingleton<IImageRenderer>(new NodeViews(node.Http))
            .AddMuseAgents().BuildServiceProvider();
        var runs = services.GetRequiredService<IRunService>();
        var contenders = services.GetRequiredService<StrategyCatalogue>().All
            .Where(s => s.Name == SingleName || (options.Strategies?.Contains(s.Name) ?? true))
            .SelectMany(s => Contenders(s, options)).OrderBy(contender => contender.Spread).ToArray();

        var voting = services.GetRequiredService<StrategyCatalogue>().Find(VotingName)!;
        var warmUps = contenders.Select(contender => contender.Spread).Distinct()
            .ToDictionary(spread => spread, spread => Team(voting, options.Agents, spread, options with { Tokens = 1 }));
        using var floor = DecodeFloor.Load(new EngineOptions
        {
            Model = options.Model, Projector = options.Projector, Threads = options.Threads, MaxSequences = 64,
        });
        var report = new StrategyReport(options);
        foreach (var (i, next) in folders.Cases.Index())
        {
            var seed = (uint)(1000 * next.Number);
            bool? warm = null;
            foreach (var contender in contenders)
            {
                // Images are embedded and prompts prefilled before the clock starts, for all alike: every view and role once.
                if (contender.Spread != warm)
                {
                    await AskAsync(runs, next, Seeded(warmUps[contender.Spread], seed), cancellationToken);
                    warm = contender.Spread;
                }

                var run = await AskAsync(runs, next, Seeded(contender.Team, seed), cancellationToken);
                report.Add(contender.Name, next, run, Floor(floor, run.Shape, contender.Spread));
            }

            if ((i + 1) % 10 == 0)
            {
                say($"{i + 1} of {folders.Cases.Count}");
            }
        }

        return report;
    }

    internal const string SingleName = "single";

    private const string VotingName = "self-consistency";

    /// <summary>A strategy's teams: one whose agents see the same, one whose agents each see another view, or both.</summary>
    private static IEnumerable<(string Name, TeamSpec Team, bool Spread)> Contenders(IStrategy strategy, StrategyBenchOptions options)
    {
        var agents = Math.Clamp(options.Agents, strategy.Info.MinAgents, strategy.Info.MaxAgents);
        var (same, spread) = (Team(strategy, agents, false, options), Team(strategy, agents, true, options));
        if (agents == 1 || options.Views != SeenBy.Spread)
        {
            yield return (strategy.Name, same, false);
        }

        if (agents > 1 && (options.Views == SeenBy.Spread || (options.Views == SeenBy.Both && strategy.Plan(spread).Length == 1)))
        {
            yield return ($"{strategy.Name}, views spread", spread, true);
        }
    }

    private static TeamSpec Team(IStrategy strategy, int agents, bool spread, StrategyBenchOptions options) =>
        TeamPresets.For(strategy) with
        {
            Agents =
            [
                .. Enumerable.Range(1, agents).Select(n => TeamPresets.Agent(n) with
                {
                    MaxTokens = options.Tokens, View = spread ? ViewSpread.Of(agents)[n - 1] : null,
                    Role = n > 1 && options.Roles.Count > 0 ? options.Roles[(n - 2) % options.Roles.Count] : null,
                }),
            ],
        };

    private static TeamSpec Seeded(TeamSpec team, uint seed) =>
        team with { Agents = [.. team.Agents.Select((agent, i) => agent with { Sampling = agent.Sampling with { Seed = seed + (uint)i } })] };

    // Agents that see the same share the longest prompt; those that see different pictures have each their own.
    private static double? Floor(DecodeFloor floor, RunShape shape, bool ownPrompts) =>
        shape.HasStages || shape.Agents.Count == 0 ? null
        : ownPrompts ? floor.MeasureDecode([.. shape.Agents.Select(a => a.Prompt)], [.. shape.Agents.Select((a, i) => (i, a.From, a.Tokens))]).TotalMilliseconds
        : floor.MeasureDecode([shape.Agents.Max(a => a.Prompt)], [.. shape.Agents.Select(a => (0, a.From, a.Tokens))]).TotalMilliseconds;

    private static async Task<(FinalAnswer? Final, RunFinished Run, RunShape Shape)> AskAsync(IRunService runs, Case asked, TeamSpec team, CancellationToken cancellationToken)
    {
        var id = await runs.StartAsync(new RunRequest { Prompt = asked.Question, Images = [asked.Image], Team = team }, cancellationToken);
        FinalAnswer? final = null;
        var shape = new RunShape();
        await foreach (var happened in runs.ReadAsync(id, 0, cancellationToken))
        {
            final = happened as FinalAnswer ?? final;
            shape.Add(happened);
            if (happened is RunFinished { Outcome: RunOutcome.Failed } failed)
            {
                throw new InvalidOperationException($"{team.Strategy} failed on \"{asked.Question}\": {failed.Error}");
            }

            if (happened is RunFinished run)
            {
                return (final, run, shape);
            }
        }

        throw new InvalidOperationException("A run's events ended before the run did.");
    }

    private static IEnumerable<string> Arguments(StrategyBenchOptions options, int port) =>
    [
        ChatServer.NodeAssembly(), $"--urls=http://127.0.0.1:{port}", $"--Engine:Model={options.Model}",
        $"--Engine:Projector={options.Projector}",
        .. options.Threads is { } threads ? new[] { $"--Engine:Threads={threads}" } : [], "--Logging:LogLevel:Default=Warning", "--Engine:ExitWithParent=true",
    ];
}
