using MuseWorkbench.Agents.Clients;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Pool;

/// <summary>An agent's place on a member.</summary>
internal sealed class PoolLease(AgentPool pool, PoolSeat seat, AgentPlace place, AgentEndpoint endpoint, AgentPlaced? placed, DateTimeOffset since) : AgentLease(endpoint)
{
    public AgentPlace Place => place;
    public PoolSeat Seat => seat;
    public DateTimeOffset Since => since;

    /// <summary>Whether it tries a server that failed others.</summary>
    public bool IsProbe { get; set; }
    public override string Server => seat.Member.Name;
    public override AgentPlaced? Placed => placed;
    public override bool CanContinue => seat.Member.Status.CanContinue;

    public override async ValueTask<AgentLease?> AgainAsync(CancellationToken cancellationToken) => await pool.PlaceAgainAsync(this, cancellationToken);

    public override void Failed(ChatClientException failure) => pool.Failed(this, failure);

    public override void Served(TokenUsage turn, AgentTimings timings) => pool.Served(this, turn, timings);

    protected override void Dispose(bool disposing)
    {
        pool.Return(this);
        base.Dispose(disposing);
    }
}
