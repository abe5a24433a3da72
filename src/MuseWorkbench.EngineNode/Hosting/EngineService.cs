using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using MuseWorkbench.Engine;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Loads the engine once HTTP is up, watches it, and lets it go when the node stops.</summary>
internal sealed class EngineService(
    IEngineLoader loader,
    EngineSlot slot,
    NodeEvents events,
    NodeLifetime lifetime,
    IHostApplicationLifetime host,
    IServer server,
    ILogger<EngineService> logger) : BackgroundService
{
    /// <summary>Native code may hang while it is freed; the process ends anyway.</summary>
    private static readonly TimeSpan s_disposePatience = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            foreach (var url in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            {
                events.Listening(url);
            }

            var engine = await LoadAsync(stoppingToken);
            if (engine is not null)
            {
                await WatchAsync(engine, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var engine = slot.Engine;
        slot.Set(null);
        if (engine is null)
        {
            return;
        }

        try
        {
            await engine.DisposeAsync().AsTask().WaitAsync(s_disposePatience, CancellationToken.None);
        }
        catch (Exception error)
        {
            logger.EngineDisposeFailed(error);
        }
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = host.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private async Task<IInferenceEngine?> LoadAsync(CancellationToken stoppingToken)
    {
        try
        {
            events.Loading(0);
            var progress = new LoadProgress(slot, events);
            // Native loading can't be interrupted: when stopping, it is left behind for the process's end.
            var engine = await Task.Run(() => loader.LoadAsync(progress, stoppingToken), stoppingToken).WaitAsync(stoppingToken);
            slot.Progress = 1;
            slot.Set(engine);
            logger.EngineReady(engine.Model.Id, engine.Model.ContextLength, engine.Model.MaxSequences);
            logger.ChatTemplateChosen(engine.Model.ChatTemplate, engine.Model.ChatTemplateReason);
            events.Ready();
            return engine;
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            var reason = error is NodeStartException ? error.Message : $"The engine could not be started ({error.GetType().Name}).";
            logger.EngineCannotStart(error is NodeStartException ? error.InnerException : error, reason);
            lifetime.Fail(ExitCodes.CannotStart, reason);
            return null;
        }
    }

    private async Task WatchAsync(IInferenceEngine engine, CancellationToken stoppingToken)
    {
        try
        {
            await engine.Completion.WaitAsync(stoppingToken);
            lifetime.Fail(ExitCodes.EngineFailed, "The engine stopped.");
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            logger.EngineFailed(error);
            lifetime.Fail(ExitCodes.EngineFailed, error is Engine.Requests.EngineFailedException ? error.Message : $"The engine failed ({error.GetType().Name}).");
        }
    }

    /// <summary>Passes progress on as it comes, about once per percent.</summary>
    private sealed class LoadProgress(EngineSlot slot, NodeEvents events) : IProgress<double>
    {
        private double _told;

        public void Report(double value)
        {
            value = double.IsFinite(value) ? Math.Clamp(value, 0, 1) : 0;
            slot.Progress = value;
            if (value - _told >= 0.01)
            {
                _told = value;
                events.Loading(value);
            }
        }
    }
}
