using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Telemetry;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>Holds one agent's conversation: asks, reads the stream, runs the tools it calls, and says how it ended.</summary>
internal sealed partial class AgentRunner(
    IAgentClients clients, ToolBox tools, TimeProvider time, ILogger<AgentRunner> logger)
{
    /// <summary>Most turns of one agent: its question and the tool results it reacts to.</summary>
    public const int MaxTurns = 8;

    private const string Unexpected = "Something went wrong in the workbench while this agent was working. The log says more.";
    private const string TooManyTurns = "The agent kept calling tools and gave no answer.";
    private const string NotMended = "The agent's tool calls were refused several times in a row, and it did not mend them.";

    /// <summary>Runs an agent to its end. Never throws: failure and stop are outcomes.</summary>
    public async Task<AgentResult> RunAsync(AgentWork work, CancellationToken stop)
    {
        using var span = WorkSpan.OfAgent(work.Run, work.Index, work.Spec, time);
        var meter = new AgentMeter(time);
        using var seat = new AgentSeat(clients, work);
        TurnReader? reader = null;
        AgentOutcome outcome;
        string? error = null;
        try
        {
            await seat.TakeAsync(stop);
            if (work.Task.WithImages)
                work = work with { Shown = await work.Views.ShowAsync(work.Spec.View, stop) };
            reader = TakeUp();
            try
            {
                (outcome, error) = await ConverseAsync(work, seat, reader, meter, stop);
            }
            catch (BeginsAgainException)
            {
                work = work with { Begun = null };
                reader = Begin();
                (outcome, error) = await ConverseAsync(work, seat, reader, meter, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            outcome = AgentOutcome.Stopped;
        }
        catch (ChatClientException failure)
        {
            LogFailed(failure, work.Index, failure.Kind);
            (outcome, error) = (AgentOutcome.Failed, failure.Message);
        }
        catch (ImageRenderException failure)
        {
            LogNotShown(failure, work.Index);
            (outcome, error) = (AgentOutcome.Failed, failure.Message);
        }
        catch (Exception failure)
        {
            LogUnexpected(failure, work.Index);
            (outcome, error) = (AgentOutcome.Failed, Unexpected);
        }
        span.Ended(outcome, meter.Usage);
        return Finish(work, reader, meter, outcome, error);

        TurnReader Begin()
        {
            seat.Started();
            return new TurnReader(work, seat.Endpoint, meter);
        }

        // Behind what it had said before the run was cut off, where that is possible.
        TurnReader TakeUp()
        {
            var fresh = new TurnReader(work, seat.Endpoint, meter);
            if (work.Begun is not { } begun)
                return fresh;
            if (seat.CanContinue(begun) && fresh.TakeUp(begun))
            {
                seat.Placed();
                return fresh;
            }

            work = work with { Begun = null };
            return Begin();
        }
    }

    private async Task<(AgentOutcome Outcome, string? Error)> ConverseAsync(
        AgentWork work, AgentSeat seat, TurnReader reader, AgentMeter meter, CancellationToken stop)
    {
        var session = new ToolSession(work, seat.Endpoint, tools);
        var messages = AgentPrompt.Build(work, session.Told);
        var offered = session.Offered;
        var faulty = 0;
        var calls = new CallLog(work, work.Begun is null ? 0 : messages.Count);
        var told = false;
        for (var turn = 1; ; turn++)
        {
            await TakeTurnAsync(turn);
            if (reader.HitLengthLimit)
                return (AgentOutcome.LengthLimit, ContextFull(seat.Endpoint, meter.LastTurn));
            if (reader.Calls.Count == 0)
                return (AgentOutcome.Answered, null);
            var (results, pictures, allFailed) = await session.CallAsync(reader.Calls, reader.Regions, stop);
            faulty = allFailed ? faulty + 1 : 0;
            if (faulty == ToolLimits.FaultyTurns)
                return (AgentOutcome.Failed, NotMended);
            if (turn == MaxTurns)
                return (AgentOutcome.Failed, TooManyTurns);
            if (meter.Generated >= work.Spec.MaxTokens)
                return (AgentOutcome.LengthLimit, null);
            messages.Add(reader.ToMessage());
            messages.AddRange(results);
            reader.Show(pictures);
        }

        async Task TakeTurnAsync(int turn)
        {
            if (turn > 1 || work.Begun is null)
                reader.BeginTurn();
            try
            {
                if (!await ThinkAsync(turn))
                    await AnswerNowAsync();
            }
            finally
            {
                reader.EndTurn();
                calls.Ended(reader);
            }
        }

        // The whole turn, unless the user wants its answer before.
        async Task<bool> ThinkAsync(int turn)
        {
            if (work.Agent.AnswersNow)
                return false;
            if (meter.Generated >= work.Spec.MaxTokens)
            {
                // Cut off behind its last token.
                reader.HitLengthLimit = true;
                return true;
            }
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(stop, work.Agent.ToldToAnswer);
            try
            {
                await CallAsync(turn == 1 && work.Spec.ToolUse == ToolUse.Required, cut.Token);
                return true;
            }
            catch (OperationCanceledException) when (work.Agent.AnswersNow && !stop.IsCancellationRequested)
            {
                calls.Ended(reader);
                return false;
            }
        }

        // What it has thought so far stays its own words: the reply goes on behind them, their end marked.
        async Task AnswerNowAsync()
        {
            if (!told)
                work.Journal.Write(new AgentToldToAnswer { Agent = work.Index, Tokens = meter.Generated });
            told = true;
            reader.CloseReasoning();
            if (meter.Generated < work.Spec.MaxTokens)
                await CallAsync(mustCallTool: false, stop);
            else
                reader.HitLengthLimit = true;
        }

        async Task CallAsync(bool mustCallTool, CancellationToken cut)
        {
            while (true)
            {
                // What it has said so far is the beginning of its reply, wherever it goes on.
                var begun = reader.Begun;
                calls.Sent(messages, begun);
                var options = AgentPrompt.Options(work, seat.Endpoint.ModelId, work.Spec.MaxTokens - meter.Generated, continues: begun is not null, answers: begun is not null && reader.Answer.Length > 0);
                options.Tools = offered;
                if (session.CanCall)
                    options.AdditionalProperties!["cache_answer"] = true;
                options.ToolMode = offered is not null && mustCallTool ? ChatToolMode.RequireAny : null;
                try
                {
                    await reader.ReadAsync(seat.Endpoint.Client.GetStreamingResponseAsync(begun is null ? messages : [.. messages, begun], options, cut), cut);
                    seat.Served(meter);
                    return;
                }
                catch (ChatClientException failure)
                {
                    if (!await seat.MoveAsync(failure, reader.CanBeTakenUp && meter.Generated < work.Spec.MaxTokens, reader.Begun is not null, meter.Generated, cut))
                        throw new BeginsAgainException();
                    calls.Ended(reader);
                }
            }
        }
    }

    // Ended by the context rather than by its budget: a larger budget would not help, so the reader is told.
    private static string? ContextFull(AgentEndpoint endpoint, TokenUsage turn) =>
        turn.PromptTokens + turn.GeneratedTokens < endpoint.Model.ContextLength
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The model's context of {endpoint.Model.ContextLength:N0} tokens is full: {turn.PromptTokens:N0} of prompt, {turn.GeneratedTokens:N0} generated.");

    private static AgentResult Finish(AgentWork work, TurnReader? reader, AgentMeter meter, AgentOutcome outcome, string? error)
    {
        var answer = reader?.Answer ?? "";
        var regions = reader?.AnswerRegions ?? [];
        // Only a whole answer votes: half of one could be another answer.
        var votes = outcome == AgentOutcome.Answered && work.Task.Role == AgentRole.Member;
        var normalised = votes ? AnswerNormaliser.Normalise(answer, regions) : "";
        var before = work.Task.After.Select(r => r.PathTokens).DefaultIfEmpty(0).Max();
        var saved = 0;
        EarlyStopReason? stoppedFor = null;
        if (outcome == AgentOutcome.Stopped && work.Agent.Early is { } early)
        {
            stoppedFor = early.Reason;
            saved = Math.Max(0, early.ExpectedTokens - meter.Usage.GeneratedTokens);
            work.Journal.Write(new AgentStoppedEarly { Agent = work.Index, Reason = early.Reason, EstimatedTokensSaved = saved });
        }
        work.Journal.Write(new AgentFinished
        {
            Agent = work.Index, Outcome = outcome, Answer = answer, NormalisedAnswer = normalised,
            Usage = meter.Usage, Timings = meter.Timings, Error = error,
            Confidence = meter.Confidence,
        });
        return new AgentResult(work.Index, outcome, answer, normalised, regions, meter.Usage, before + meter.Usage.GeneratedTokens)
        {
            Error = outcome == AgentOutcome.Failed ? error : null,
            Reasoning = reader?.Reasoning ?? "",
            Member = work.Task.Member,
            Confidence = meter.Confidence,
            EarlyStopReason = stoppedFor,
            EstimatedTokensSaved = saved,
        };
    }

    /// <summary>What the agent said is lost with its server: it begins again on another one.</summary>
    private sealed class BeginsAgainException : Exception;

    [LoggerMessage(LogLevel.Warning, "Agent {Agent} failed: {Kind}.")]
    private partial void LogFailed(Exception failure, int agent, ChatFailure kind);

    [LoggerMessage(LogLevel.Warning, "Agent {Agent} could not be shown its images.")]
    private partial void LogNotShown(Exception failure, int agent);

    [LoggerMessage(LogLevel.Error, "Agent {Agent} failed unexpectedly.")]
    private partial void LogUnexpected(Exception failure, int agent);
}
