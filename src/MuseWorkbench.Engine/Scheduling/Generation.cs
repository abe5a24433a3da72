using System.Threading.Channels;
using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Sampling;

namespace MuseWorkbench.Engine.Scheduling;

/// <summary>
/// A request under way: its sequence, its sampler, its text so far, its clock, and the events its reader takes.
/// Touched by the engine thread only (and by one worker while it draws), but for <see cref="Events"/> and <see cref="Ended"/>.
/// </summary>
internal sealed class Generation(
    GenerationRequest request, Elements elements, IReadOnlyList<RgbImage> images, int contextLength, TimeProvider time)
{
    // Without bound: the engine never waits for a reader, and a request's events are bounded by its tokens.
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TextStream _text = new(request.Stop);
    private readonly List<GenerationEvent> _held = [];
    private ITokenSampler? _sampler;
    private long? _delivered;
    private (int Token, TokenLogProbs? LogProbs, float? Confidence) _drawn;
    private int _generated;
    private int _reported = -1;
    private volatile bool _ended;

    public GenerationRequest Request { get; } = request;

    public Sequence Sequence { get; } =
        new(elements, (int)Math.Min(contextLength, elements.Count + (long)request.MaxTokens), request.Run ?? request.Id, request.Priority)
        {
            KeepsAnswer = request.KeepAnswer,
        };

    /// <summary>Those that <see cref="ImageSpan.Image"/> numbers.</summary>
    public IReadOnlyList<RgbImage> Images { get; } = images;

    public ChannelReader<GenerationEvent> Events => _events.Reader;

    /// <summary>Embeddings of images still to be computed into the cache.</summary>
    public Dictionary<ImageSpan, Task<float[]>> Embeddings { get; } = [];

    public RequestClock Clock { get; } = new(time);

    /// <summary>Whether it has had a place in the cache yet.</summary>
    public bool Started { get; set; }

    /// <summary>Why no token could be drawn: its sampling options or its grammar exclude them all.</summary>
    public Exception? DrawFailure { get; private set; }

    /// <summary>May be asked on any thread.</summary>
    public bool Ended => _ended;

    public GenerationUsage Usage => new(Sequence.PromptLength, Sequence.PromptFound ?? 0, _generated);

    /// <summary>On the engine thread, before the first draw.</summary>
    /// <exception cref="ArgumentException">A sampling option is out of its range.</exception>
    public void CreateSampler(ILlamaRuntime runtime)
    {
        var options = Request.Sampling;
        _sampler = runtime.CreateSampler(options);
        if (options.RepeatPenalty == 1 && options.FrequencyPenalty == 0 && options.PresencePenalty == 0)
        {
            return;
        }
        for (var row = Math.Max(0, Sequence.PromptLength - options.PenaltyWindow); row < Sequence.PromptLength; row++)
        {
            if (Sequence.Elements.ImageAt(row) is null)
            {
                _sampler.Accept(Sequence.Elements[row]);
            }
        }
    }

    /// <summary>Tells the reader how much of the prompt is computed. What a preemption undid is the engine's affair and not told.</summary>
    public void ReportProgress()
    {
        var processed = Math.Min(Sequence.Computed, Sequence.PromptLength);
        if (processed > _reported)
        {
            _reported = processed;
            _held.Add(new PromptProgress(Sequence.PromptLength, Sequence.PromptFound ?? 0, processed));
        }
    }

    /// <summary>Draws the next token. The costly part, on any thread. Does not throw for logits nothing can be drawn from.</summary>
    public void Draw(ReadOnlySpan<float> logits, ILlamaRuntime runtime)
    {
        try
        {
            var token = _sampler!.Sample(logits);
            var logProbs = Request.TopLogProbs < 0
                ? null
                : LogProbabilities.Compute(logits, token, Request.TopLogProbs, t => runtime.TokenToPiece(t, special: true));
            _drawn = (token, logProbs, Request.Confidence ? TokenConfidence.Of(logits) : null);
        }
        catch (Exception exception) when (exception is InvalidOperationException or RequestRejectedException)
        {
            DrawFailure = exception;
        }
    }

    /// <summary>Takes in the token drawn. Gives the reason where the request ends with it.</summary>
    public FinishReason? Accept(ILlamaRuntime runtime)
    {
        var (token, logProbs, confidence) = _drawn;
        _generated++;
        if (runtime.IsEndOfGeneration(token))
        {
            return FinishReason.Stop;
        }
        Sequence.Elements.Add(token);
        var text = _text.Append(runtime.TokenToPiece(token, special: false));
        _held.Add(new TokenGenerated(token, text, logProbs) { Confidence = confidence });
        return _text.Stopped ? FinishReason.Stop : Sequence.Length >= Sequence.MaxLength ? FinishReason.Length : null;
    }

    /// <summary>
    /// Hands its events to the reader where they are due: at once up to the first token, then when
    /// <see cref="GenerationRequest.Pace"/> has passed since the last time. Each time wakes a thread, which takes a core from those that compute.
    /// </summary>
    /// <param name="now">Timestamp of the step, so that requests that began together go on doing so.</param>
    /// <param name="all">Due or not.</param>
    public void Deliver(long now, bool all)
    {
        if (_held.Count == 0 || !(all || _generated <= 1 || _delivered is not { } at || time.GetElapsedTime(at, now) >= Request.Pace))
        {
            return;
        }
        _delivered = now;
        HandOver();
    }

    public void Finish(FinishReason reason)
    {
        _held.Add(new GenerationFinished(reason, _text.Finish(), Usage, Clock.Timings));
        End(null);
    }

    /// <summary>Ends the reader's events; with an exception where the request failed.</summary>
    public void End(Exception? exception)
    {
        _ended = true;
        HandOver();
        _events.Writer.TryComplete(exception);
        _sampler?.Dispose();
        _sampler = null;
        Embeddings.Clear();
    }

    private void HandOver()
    {
        foreach (var item in _held)
        {
            _events.Writer.TryWrite(item);
        }
        _held.Clear();
    }
}

/// <summary>When the stages of a request came.</summary>
internal sealed class RequestClock(TimeProvider time)
{
    private readonly long _arrived = time.GetTimestamp();
    private readonly DateTimeOffset _arrivedAt = time.GetUtcNow();
    private double? _started;
    private double? _promptDone;
    private double? _firstToken;
    private double _lastToken;

    /// <summary>Milliseconds since arrival.</summary>
    public double Elapsed => time.GetElapsedTime(_arrived).TotalMilliseconds;

    public GenerationTimings Timings => new(
        _started ?? 0, (_promptDone - _started) ?? 0, _firstToken ?? 0, _lastToken - (_firstToken ?? 0)) { ArrivedAt = _arrivedAt };

    /// <summary>A step begins that carries it.</summary>
    public void Step() => _started ??= Elapsed;

    /// <summary>Its next token's logits are there.</summary>
    public void PromptComputed() => _promptDone ??= Elapsed;

    /// <summary>Notes a token; gives milliseconds since arrival for the first, since the last one for others.</summary>
    public (bool First, double Milliseconds) Token()
    {
        var now = Elapsed;
        var first = _firstToken is null;
        var since = first ? now : now - _lastToken;
        _firstToken ??= now;
        _lastToken = now;
        return (first, since);
    }
}
