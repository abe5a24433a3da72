using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.AI;
using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Parsing;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Conversation;

/// <summary>Reads an agent's turns, each one call or more: turns streams of updates into events, and keeps what the turn said.</summary>
internal sealed class TurnReader(AgentWork work, AgentEndpoint endpoint, AgentMeter meter)
{
    private readonly StreamParser _parser = new(endpoint.Markup.For(work.Task.Prompt), RegionMapper.Inputs(endpoint.Markup, work.Shown));
    private readonly StringBuilder _raw = new();
    // What the model wrote and no event has told yet.
    private readonly StringBuilder _untold = new();
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _answer = new();
    private readonly List<Region> _answerRegions = [];
    private readonly List<Region> _regions = [];
    private readonly List<ShownPicture> _pictures = [.. work.Shown.Select((shown, index) => new ShownPicture(index, shown.Frame))];
    private readonly List<PendingCall> _calls = [];
    private int _ordinal;
    private int _callNumber;
    private readonly StringBuilder _split = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _outputSplit = new();
    private string? _prompt;
    private bool _serverSplits;
    private bool _silent;

    /// <summary>The turn's raw text; reasoning that the server split off is not in it, until that is closed early.</summary>
    public string Raw => _raw.ToString();

    /// <summary>The beginning of the reply that the turn's next call goes on from; null where nothing has been said.</summary>
    public ChatMessage? Begun => _raw.Length > 0 ? new ChatMessage(ChatRole.Assistant, Raw) : null;

    /// <summary>The latest call: its prompt where the server told it, its text, and the reasoning the server split off.</summary>
    public (string? Prompt, string Output, string? Reasoning) Call =>
        (_prompt, _output.ToString(), _outputSplit.Length > 0 ? _outputSplit.ToString() : null);

    /// <summary>What was thought over all turns, without markup.</summary>
    public string Reasoning => _reasoning.ToString().Trim();

    /// <summary>The turn's answer without markup.</summary>
    public string Answer => _answer.ToString().Trim();

    public ImmutableArray<Region> AnswerRegions => [.. _answerRegions];

    /// <summary>Every place named so far, over all turns, in order.</summary>
    public ImmutableArray<Region> Regions => [.. _regions];

    public IReadOnlyList<PendingCall> Calls => _calls;

    /// <summary>Whether the turn so far can go to a server as the beginning of its reply: not where a server split the reasoning off in its own way.</summary>
    public bool CanBeTakenUp => _split.Length == 0;

    /// <summary>Whether the turn was cut off by the token budget or the context.</summary>
    public bool HitLengthLimit { get; set; }

    /// <summary>The turn as it goes back to the model: its text, and the calls its server took out of it.</summary>
    public ChatMessage ToMessage() => new(ChatRole.Assistant, [
        .. Raw.Length > 0 ? [new TextContent(Raw)] : Array.Empty<AIContent>(), .. _calls.Select(call => call.Content).OfType<FunctionCallContent>()]);

    /// <summary>Reads one call to its end, however it ends.</summary>
    public async Task ReadAsync(IAsyncEnumerable<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        _prompt = null;
        _output.Clear();
        _outputSplit.Clear();
        // Where something was said before, the call's own record has it.
        _untold.Clear();
        HitLengthLimit = false;
        work.Journal.Write(new AgentQueued { Agent = work.Index });
        try
        {
            await foreach (var update in updates.WithCancellation(cancellationToken))
                Take(update);
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            meter.EndTurn();
        }
    }

    /// <summary>
    /// Takes up a first turn that was cut off, without telling it again. False where it can't go on behind what readers were
    /// shown: it had called a tool, its server had split off what was thought, or the events stop between two that tell one
    /// piece of it. This reader is of no use then.
    /// </summary>
    public bool TakeUp(AgentBeginning begun)
    {
        BeginTurn();
        _silent = true;
        _raw.Append(begun.Raw);
        Write(_parser.Feed(begun.Raw));
        _silent = false;
        if (_calls.Count > 0 || _ordinal != begun.Regions || !_reasoning.Equals(begun.Reasoning) || !_answer.Equals(begun.Answer))
            return false;
        meter.GoOnFrom(begun.Tokens);
        return true;
    }

    /// <summary>
    /// Ends the turn's thinking as the model would: what it writes next is its answer. Where it had not begun to think, it is
    /// as if it had thought nothing; where it answers already, nothing changes.
    /// </summary>
    public void CloseReasoning()
    {
        var tags = endpoint.Markup.Reasoning!;
        if (_split.Length > 0)
        {
            _raw.Insert(0, tags.Open + _split + tags.Close);
            _split.Clear();
            SwitchTo(TextChannel.Answer, splits: false);
        }
        else if (_raw.Length == 0 && !endpoint.Markup.ReasoningIsOpen)
        {
            Continue(tags.Open + tags.Close);
        }
        else if (_parser.Channel == TextChannel.Reasoning)
        {
            Continue(tags.Close);
        }

        void Continue(string markup)
        {
            _raw.Append(markup);
            _untold.Append(markup);
            Write(_parser.Feed(markup));
        }
    }

    /// <summary>The turn is over: whatever ended it, all text that arrived is out afterwards.</summary>
    public void EndTurn() => Write(_parser.EndTurn());

    /// <summary>Another turn begins.</summary>
    public void BeginTurn()
    {
        work.Agent.Thinks = endpoint.Markup.Reasoning is not null;
        _raw.Clear();
        _untold.Clear();
        _split.Clear();
        _answer.Clear();
        _answerRegions.Clear();
        _calls.Clear();
        _serverSplits = false;
    }

    /// <summary>The model has been shown more pictures: places it names from now on may be in them.</summary>
    public void Show(IReadOnlyList<ToolPicture> pictures) => _pictures.AddRange(pictures.Select(picture => new ShownPicture(picture.Of, picture.Frame) { IsOfTool = true }));

    private void Take(ChatResponseUpdate update)
    {
        if (PromptProgress.Of(update) is { } progress)
        {
            meter.Note(progress);
            work.Journal.Write(new AgentPrefilling
            {
                Agent = work.Index, Total = progress.Total, Cached = progress.Cached, Processed = progress.Processed,
            });
        }
        _prompt ??= RenderedPrompt.Of(update)?.Text;
        var confidence = ChatConfidence.Of(update);
        if (confidence?.Whole is { } whole)
            meter.Note(whole);
        foreach (var content in update.Contents)
            Take(content);
        NoteProgress(confidence?.Group);
        if (ChatTimings.Of(update) is { } timings)
            meter.Note(timings);
        HitLengthLimit |= update.FinishReason == ChatFinishReason.Length;
    }

    private void NoteProgress(double? groupConfidence)
    {
        if (meter.Generated == work.Agent.Tokens)
            return;
        work.Agent.Note(meter.Generated, groupConfidence);
        work.Task.OnProgress?.Invoke(work.Agent);
    }

    private void Take(AIContent content)
    {
        switch (content)
        {
            case TextReasoningContent { Text.Length: > 0 } reasoning:
                meter.CountToken();
                SwitchTo(TextChannel.Reasoning, splits: true);
                _split.Append(reasoning.Text);
                _outputSplit.Append(reasoning.Text);
                Write(_parser.Feed(reasoning.Text));
                break;
            case TextContent { Text.Length: > 0 } text:
                meter.CountToken();
                SwitchTo(TextChannel.Answer, splits: false);
                _raw.Append(text.Text);
                _untold.Append(text.Text);
                _output.Append(text.Text);
                Write(_parser.Feed(text.Text));
                break;
            case FunctionCallContent call:
                // Text before it comes first, whatever the parser still holds back.
                Write(_parser.Flush());
                Write(new ToolCallSegment(call.Name, CallArguments.Of(call)), call);
                break;
            case UsageContent usage:
                meter.Note(usage.Details);
                break;
            case ErrorContent error:
                throw new ChatClientException(ChatFailure.Interrupted, error.Message);
        }
    }

    // Only where the server itself splits reasoning off does the kind of content decide the channel.
    private void SwitchTo(TextChannel channel, bool splits)
    {
        if (splits == _serverSplits)
            return;
        _serverSplits = splits;
        Write(_parser.SwitchTo(channel));
    }

    private void Write(IReadOnlyList<Segment> segments)
    {
        foreach (var segment in segments)
        {
            switch (segment)
            {
                case TextSegment text:
                    work.Agent.Thinks &= text.Channel == TextChannel.Reasoning;
                    (text.Channel == TextChannel.Answer ? _answer : _reasoning).Append(text.Text);
                    Say(text);
                    break;
                case RegionSegment region:
                    Write(region);
                    break;
                case ToolCallSegment call:
                    Write(call);
                    break;
            }
        }
    }

    private void Say(TextSegment text)
    {
        if (_silent)
            return;
        work.Journal.Say(text.Channel, text.Text, TakeUntold(), meter.Generated);
    }

    private string TakeUntold()
    {
        var raw = _untold.ToString();
        _untold.Clear();
        return raw;
    }

    private void Write(RegionSegment segment)
    {
        if (RegionMapper.ToImage(segment, endpoint.Model.ImageFit, _pictures) is not { } region)
            return;
        _regions.Add(region);
        if (segment.Channel == TextChannel.Answer)
            _answerRegions.Add(region);
        _ordinal++;
        if (_silent)
            return;
        work.Journal.Write(new RegionFound
        {
            Agent = work.Index, Region = region, Ordinal = _ordinal, Channel = segment.Channel,
            TextStart = segment.TextStart, TextLength = segment.TextLength, Raw = _untold.Length > 0 ? TakeUntold() : null,
        });
    }

    private void Write(ToolCallSegment segment, FunctionCallContent? content = null)
    {
        var call = new PendingCall($"call_{work.Index}_{++_callNumber}", segment) { Content = content };
        _calls.Add(call);
        if (_silent)
            return;
        work.Journal.Write(new ToolCalled
        {
            Agent = work.Index, CallId = call.Id, Tool = segment.Name, Arguments = segment.Arguments,
        });
    }
}

/// <summary>A tool call the model made and waits for.</summary>
internal sealed record PendingCall(string Id, ToolCallSegment Call)
{
    /// <summary>The call as its server took it out of the text; null where it stood in the text.</summary>
    public FunctionCallContent? Content { get; init; }
}
