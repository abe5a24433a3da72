using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Errors;
using MuseWorkbench.EngineNode.Hosting;
using MuseWorkbench.EngineNode.Images;
using MuseWorkbench.EngineNode.Telemetry;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatEndpoint(
    EngineSlot slot, ImageIntake images, RequestMetrics metrics, ChatTelemetry telemetry, NodeLifetime lifetime, TimeProvider time,
    ILogger<ChatEndpoint> logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var engine = slot.Require();
        var arrived = time.GetTimestamp();
        using var trace = telemetry.Begin(context, engine.Model.Id);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.Drained);
        try
        {
            var request = await ChatBody.ReadAsync(context.Request, engine.ToolCalls, stop.Token);
            var job = await ChatJob.PrepareAsync(request, engine, images, time, stop.Token);
            LogStart(context, job);
            trace.Accepted(job);
            await using var sequences = new SequenceSet(engine, job.Sequences, metrics, stop.Token);
            // A request that can't be served is refused before its first event: until then a status can still say so.
            await sequences.Events.WaitToReadAsync(stop.Token);
            metrics.Begun(request);

            var reply = new ChatReply(job, engine.Model.Id, arrived, time);
            var finished = request.Stream
                ? await reply.StreamAsync(context, sequences, stop.Token)
                : await reply.CollectAsync(context, sequences, stop.Token);
            metrics.Answered(finished);
            trace.Finished(finished, reply.FinishReasons);
            var usage = ChatMath.Usage(finished);
            logger.ChatFinished(context.TraceIdentifier, job.Id, usage.PromptTokens, usage.CompletionTokens, time.GetElapsedTime(arrived).TotalMilliseconds);
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested)
        {
            var api = error is OperationCanceledException && lifetime.Drained.IsCancellationRequested ? ApiError.Stopping : ErrorMiddleware.Explain(error);
            metrics.Failed(api.Code ?? api.Type);
            trace.Failed(api.Code ?? api.Type, api.Message);
            if (!context.Response.HasStarted)
            {
                throw api == ApiError.Unexpected ? error : new ApiException(api, error);
            }

            logger.StreamFailed(context.TraceIdentifier, api.Message);
            if (api == ApiError.Unexpected)
            {
                logger.RequestFailed(context.TraceIdentifier, error);
            }

            await ChatReply.WriteErrorAsync(context, api);
        }
    }

    private void LogStart(HttpContext context, ChatJob job)
    {
        var prompt = job.Sequences[0].Prompt;
        logger.ChatStarted(context.TraceIdentifier, job.Id, job.Sequences.Count, prompt.Count(part => part is ImagePart), job.Request.Stream);
        if (logger.IsEnabled(LogLevel.Trace))
        {
            logger.ChatPrompt(context.TraceIdentifier, job.PromptText);
        }
    }
}
