namespace MuseWorkbench.Web.Features.Workbench.State;

/// <summary>Scores of 0 to 10 as the pages grade them.</summary>
public static class Scores
{
    /// <summary>The class that colours a score: <c>good</c> from 7, <c>fair</c> from 4, else <c>poor</c>; null without one. The number always stands beside it.</summary>
    public static string? Grade(double? score) => score switch { null => null, >= 7 => "good", >= 4 => "fair", _ => "poor" };
}
