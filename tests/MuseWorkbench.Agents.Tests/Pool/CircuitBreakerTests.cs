using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Agents.Pool;
using MuseWorkbench.Agents.Tests.Kit;

namespace MuseWorkbench.Agents.Tests.Pool;

public class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Failed_FewerThanTheThreshold_StaysClosed()
    {
        var breaker = new CircuitBreaker(_time);
        Fail(breaker, CircuitBreaker.Threshold - 1);
        breaker.Succeeded();
        Fail(breaker, CircuitBreaker.Threshold - 1);

        Assert.Equal((BreakerState.Closed, true), (breaker.State, breaker.Allows));
    }

    [Fact]
    public void Failed_InARow_OpensThenLetsOneTry()
    {
        var breaker = Open();
        Assert.False(breaker.Allows);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(breaker.Allows);
        breaker.Sent();
        Assert.Equal((BreakerState.HalfOpen, false), (breaker.State, breaker.Allows));
        breaker.Succeeded();
        Assert.Equal((BreakerState.Closed, true), (breaker.State, breaker.Allows));
    }

    [Fact]
    public void Failed_OnTrial_OpensForTwiceAsLong()
    {
        var breaker = Open();
        foreach (var seconds in new[] { 2, 4, 8, 16, 32, 60, 60 })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.False(breaker.Allows);
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.True(breaker.Allows);
            breaker.Sent();
            Fail(breaker, 1);
        }
    }

    [Fact]
    public void Withdrawn_OnTrial_AnotherMayTry()
    {
        var breaker = Open();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(breaker.Allows);
        breaker.Sent();
        breaker.Withdrawn();

        Assert.True(breaker.Allows);
    }

    [Fact]
    public void Failed_SixteenAtOnce_OpensForTheShortestPause()
    {
        var breaker = new CircuitBreaker(_time);
        Fail(breaker, 16);

        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(2), breaker.OpenUntil);
    }

    [Fact]
    public void Failed_ServerSaysHowLong_IsBelievedAtOnce()
    {
        var breaker = new CircuitBreaker(_time);
        breaker.Failed(new ChatClientException(ChatFailure.Overloaded, "Busy.") { RetryAfter = TimeSpan.FromSeconds(7) });

        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(7), breaker.OpenUntil);
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.True(breaker.Allows);
    }

    [Fact]
    public void Failed_ServerAsksForAnHour_IsTriedAfterAMinute()
    {
        var breaker = new CircuitBreaker(_time);
        breaker.Failed(new ChatClientException(ChatFailure.Overloaded, "Busy.") { RetryAfter = TimeSpan.FromHours(1) });

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(breaker.Allows);
    }

    private CircuitBreaker Open()
    {
        var breaker = new CircuitBreaker(_time);
        Fail(breaker, CircuitBreaker.Threshold);
        Assert.Equal(BreakerState.Open, breaker.State);
        return breaker;
    }

    private static void Fail(CircuitBreaker breaker, int times)
    {
        for (var i = 0; i < times; i++)
            breaker.Failed(new ChatClientException(ChatFailure.Interrupted, "Gone."));
    }
}
