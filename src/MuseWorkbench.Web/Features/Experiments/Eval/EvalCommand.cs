using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Experiments.Eval;

/// <summary>
/// <c>eval</c>: an experiment from the command line, by the workbench's own services and its own engine node. Exit codes: 0,
/// 1 where a team is below the threshold, 2 where it could not be run, 130 where it was interrupted.
/// </summary>
internal static class EvalCommand
{
    public const string Name = "eval";

    private const int Below = 1, NotRun = 2, Interrupted = 130;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, Action<WebApplicationBuilder>? configure = null)
    {
        try
        {
            var options = EvalOptions.Parse(args);
            string[] settings = ["--urls", "http://127.0.0.1:0", .. options.Data is { } data ? [$"--Data:Directory={Path.GetFullPath(data)}"] : Array.Empty<string>()];
            await using var app = WebHost.Create(settings, builder =>
            {
                builder.Logging.ClearProviders();
                configure?.Invoke(builder);
            });
            await app.StartAsync();
            try
            {
                return await new EvalRun(app.Services, options, output, errors).RunAsync(app.Lifetime.ApplicationStopping) ? 0 : Below;
            }
            finally
            {
                await app.StopAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Interrupted.");
            return Interrupted;
        }
        catch (EvalException e)
        {
            await errors.WriteLineAsync(e.Message);
            await errors.WriteLineAsync(EvalOptions.Usage);
            return NotRun;
        }
        catch (Exception e) when (e is ExperimentRefusedException || StartMessage.Explain(e) is not null)
        {
            await errors.WriteLineAsync(e is ExperimentRefusedException ? e.Message : StartMessage.Explain(e));
            return NotRun;
        }
    }
}
