namespace MuseWorkbench.Agents.Pool;

/// <summary>
/// When agents placed on a member would be done, in milliseconds from now: prefill of what they share, once and where it isn't cached, then one decode
/// step for each token of the longest of them. Agents beyond the member's rows or free cells go in waves behind the others.
/// </summary>
public static class FinishEstimate
{
    /// <param name="member">As it stands.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="agents">How many of the request's agents it would get.</param>
    public static double Of(MemberLoad member, PlacementRequest request, int agents)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (agents == 0)
            return 0;
        var rows = Places(member, request);
        var together = member.Agents + agents;
        // The last of them sits in this wave; the waves before it decode full.
        var waves = (together + rows - 1) / rows;
        var prefill = member.HasPrefix ? 0 : request.PromptTokens * 1000 / Math.Max(1, member.PrefillPerSecond);
        var answer = Math.Max(1, request.AnswerTokens);
        var full = answer * member.Step.At(rows);
        return prefill + ((waves - 1) * full) + (answer * member.Step.At(waves > 1 ? rows : together));
    }

    /// <summary>Agents that decode there together at most: its rows, fewer where cells are short.</summary>
    private static int Places(MemberLoad member, PlacementRequest request)
    {
        if (member.FreeCells is not { } free)
            return Math.Max(1, member.Rows);
        var fitting = (free - request.PromptTokens) / Math.Max(1, request.AnswerTokens);
        return Math.Clamp(member.Running + Math.Max(0, fitting), 1, Math.Max(1, member.Rows));
    }
}
