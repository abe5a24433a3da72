using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Tests.Kit;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Runs;

public sealed class AgentJournalTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RunLog _log;
    private readonly AgentJournal _journal;

    public AgentJournalTests()
    {
        _log = new RunLog(Guid.NewGuid(), _time, new NoRunStore());
        _journal = new AgentJournal(_log, 3, _time);
    }

    public void Dispose() => _journal.Dispose();

    [Fact]
    public async Task Say_WithinInterval_OneEvent()
    {
        _journal.Say(TextChannel.Reasoning, "I ", "I ", 1);
        _time.Advance(TimeSpan.FromMilliseconds(29));
        _journal.Say(TextChannel.Reasoning, "see", "see", 2);
        Assert.Empty(await EventsAsync());

        _time.Advance(TimeSpan.FromMilliseconds(1));

        var delta = Assert.IsType<ReasoningDelta>(Assert.Single(await EventsAsync()));
        Assert.Equal((3, "I see", 2), (delta.Agent, delta.Text, delta.Tokens));
    }

    [Fact]
    public async Task Say_WithMarkup_EventHasBoth()
    {
        _journal.Say(TextChannel.Reasoning, "I see", "<think>I see", 2);
        _time.Advance(AgentJournal.Interval);
        _journal.Say(TextChannel.Reasoning, " it", " it", 3);
        _journal.Dispose();

        Assert.Equal([("I see", "<think>I see"), (" it", null)], (await EventsAsync()).Cast<TextDelta>().Select(d => (d.Text, d.Raw)));
    }

    [Fact]
    public async Task Say_AfterInterval_NextEvent()
    {
        _journal.Say(TextChannel.Answer, "a", "a", 1);
        _time.Advance(AgentJournal.Interval);
        _journal.Say(TextChannel.Answer, "b", "b", 2);
        _time.Advance(AgentJournal.Interval);

        Assert.Equal(["a", "b"], (await EventsAsync()).Cast<AnswerDelta>().Select(d => d.Text));
    }

    [Fact]
    public async Task Say_OtherChannel_FlushesFirst()
    {
        _journal.Say(TextChannel.Reasoning, "hm", "hm", 1);
        _journal.Say(TextChannel.Answer, "3", "3", 2);
        _journal.Dispose();

        Assert.Equal([typeof(ReasoningDelta), typeof(AnswerDelta)], (await EventsAsync()).Select(e => e.GetType()));
    }

    [Fact]
    public async Task Write_TextPending_TextComesFirst()
    {
        _journal.Say(TextChannel.Reasoning, "hm", "hm", 1);
        _journal.Write(new AgentQueued { Agent = 3 });
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([typeof(ReasoningDelta), typeof(AgentQueued)], (await EventsAsync()).Select(e => e.GetType()));
    }

    private async Task<List<RunEvent>> EventsAsync()
    {
        // Everything here is appended on this thread already: a reader that has to wait has seen all.
        using var stop = new CancellationTokenSource();
        List<RunEvent> events = [];
        await using var reader = _log.ReadAsync(0, stop.Token).GetAsyncEnumerator(stop.Token);
        while (true)
        {
            var next = reader.MoveNextAsync().AsTask();
            if (!next.IsCompleted)
            {
                await stop.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
                return events;
            }
            Assert.True(await next);
            events.Add(reader.Current);
        }
    }
}
