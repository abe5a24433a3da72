namespace MuseWorkbench.Agents.Pool.Scaling;

/// <summary>How long an agent that comes to a member now would wait for a place there.</summary>
public static class QueueTime
{
    /// <summary>What a server decodes at once that doesn't say.</summary>
    private const int UnknownRows = 32;

    /// <param name="member">As it stands.</param>
    /// <param name="answerTokens">Tokens an agent generates, about.</param>
    /// <param name="places">Agents it decodes at once; null for what it says itself.</param>
    public static TimeSpan Of(MemberView member, double answerTokens, int? places = null)
    {
        ArgumentNullException.ThrowIfNull(member);
        var latest = member.Latest;
        var rows = Math.Max(1, places ?? (latest?.RowCapacity is > 0 and var capacity ? capacity : member.Status.Rows ?? UnknownRows));
        // Those that wait for a prefix another one computes have their place.
        var stuck = latest is null ? 0 : latest.Waiting - latest.WaitingForPrefix;
        var waiting = Math.Max(Agents(member) - rows, stuck);
        if (waiting <= 0)
            return TimeSpan.Zero;
        // Where cells are short, fewer than its rows decode together.
        var together = stuck > 0 && latest!.Running > 0 ? Math.Min(rows, latest.Running) : rows;
        // Places come free one after another, all of them within one answer.
        return TimeSpan.FromMilliseconds(waiting * Math.Max(1, answerTokens) * (member.Step ?? new StepTime(10, 0.5)).At(together) / together);
    }

    /// <summary>Agents it has, at work or waiting: ours are known at once, what it says itself is a moment old.</summary>
    public static int Agents(MemberView member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return Math.Max(member.Occupants.Length, (member.Latest?.Running ?? 0) + (member.Latest?.Waiting ?? 0));
    }
}
