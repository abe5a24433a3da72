using System.Diagnostics;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Telemetry;

/// <summary>The span and the duration of a run or of one of its agents.</summary>
internal sealed class WorkSpan : IDisposable
{
    private readonly Activity? _span;
    private readonly string _operation;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly long _began;
    private string? _error;

    private WorkSpan(Activity? span, string operation, string name, Guid run, TimeProvider time)
    {
        (_span, _operation, _name, _time, _began) = (span, operation, name, time, time.GetTimestamp());
        span?.SetTag(AgentTelemetry.OperationName, operation).SetTag(AgentTelemetry.AgentName, name).SetTag(AgentTelemetry.RunId, run.ToString());
    }

    /// <summary>A run begins: a trace of its own, whatever asked for it, since it outlives that.</summary>
    public static WorkSpan OfRun(Guid run, TeamSpec team, TimeProvider time)
    {
        Activity.Current = null;
        var span = AgentTelemetry.Source.StartActivity($"invoke_workflow {team.Name}");
        span?.SetTag("muse.strategy", team.Strategy).SetTag("muse.agents", team.Agents.Length);
        return new WorkSpan(span, "invoke_workflow", team.Name, run, time);
    }

    public static WorkSpan OfAgent(Guid run, int index, AgentSpec spec, TimeProvider time)
    {
        var span = AgentTelemetry.Source.StartActivity($"invoke_agent {spec.Name}");
        span?.SetTag("muse.agent.index", index).SetTag(AgentTelemetry.RequestModel, spec.Model);
        return new WorkSpan(span, "invoke_agent", spec.Name, run, time);
    }

    public void Ended(RunOutcome? outcome)
    {
        _span?.SetTag("muse.run.outcome", outcome?.ToString().ToLowerInvariant());
        Failed(outcome is RunOutcome.Failed or null ? "run_failed" : null);
    }

    public void Ended(AgentOutcome outcome, TokenUsage usage)
    {
        _span?.SetTag("muse.agent.outcome", outcome.ToString().ToLowerInvariant())
            .SetTag(AgentTelemetry.InputTokens, usage.PromptTokens)
            .SetTag(AgentTelemetry.CachedTokens, usage.CachedTokens)
            .SetTag(AgentTelemetry.OutputTokens, usage.GeneratedTokens);
        Failed(outcome == AgentOutcome.Failed ? "agent_failed" : null);
    }

    public void Dispose()
    {
        var tags = new TagList { { AgentTelemetry.OperationName, _operation }, { AgentTelemetry.AgentName, _name } };
        if (_error is not null)
            tags.Add(AgentTelemetry.ErrorType, _error);
        AgentTelemetry.InvokeDuration.Record(_time.GetElapsedTime(_began).TotalSeconds, tags);
        _span?.Dispose();
    }

    private void Failed(string? error)
    {
        _error = error;
        if (error is not null)
            _span?.SetStatus(ActivityStatusCode.Error).SetTag(AgentTelemetry.ErrorType, error);
    }
}
