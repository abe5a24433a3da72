namespace MuseWorkbench.Curation.Statistics;

/// <summary>One judgement between two entrants.</summary>
/// <param name="First">An entrant.</param>
/// <param name="Second">Another.</param>
/// <param name="Score">The first's: 1 won, 0.5 a tie, 0 lost.</param>
public sealed record Vote(string First, string Second, double Score)
{
    internal void Check()
    {
        if (First == Second)
            throw new ArgumentException($"'{First}' can't be compared with itself.");
        if (Score is not (>= 0 and <= 1))
            throw new ArgumentException("A vote's score lies between 0 and 1.");
    }
}

/// <summary>An entrant's strength, on Elo's scale: 400 points are odds of 10 to 1.</summary>
/// <param name="Entrant">Its name.</param>
/// <param name="Rating">With its interval.</param>
/// <param name="Votes">How many it took part in.</param>
public sealed record Rating(string Entrant, Estimate Value, int Votes);
