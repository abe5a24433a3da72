namespace MuseWorkbench.Agents.Pool.Scaling;

/// <summary>How long an agent that comes to a member now would wait for a place there.</summary>
public static class QueueTime
{
    /// <param name="member">As it stands.</param>
    /// <param name="answerTokens">Tokens an agent generates, about.</param>
    /// <param name="places">Agents it decodes at once; null for what it says itself.</param>
    public static TimeSpan Of(MemberView member, double answerTokens, int? places = null)
    {
        ArgumentNullException.ThrowIfNull(member);
        var latest = member.Latest;
        var rows = Math.Max(1, places ?? MemberLoad.RowsOf(member.Status, latest));
        // Those that wait for a prefix another one computes have their place.
        var stuck = latest is null ? 0 : latest.Waiting - latest.WaitingForPrefix;
        var waiting = Math.Max(member.Agents - rows, stuck);
        if (waiting <= 0)
            return TimeSpan.Zero;
        // Where cells are short, fewer than its rows decode together.
        var together = stuck > 0 && latest!.Running > 0 ? Math.Min(rows, latest.Running) : rows;
        // Places come free one after another, all of them within one answer.
        return TimeSpan.FromMilliseconds(waiting * Math.Max(1, answerTokens) * (member.Step ?? MemberLoad.FirstGuess).At(together) / together);
    }
}
