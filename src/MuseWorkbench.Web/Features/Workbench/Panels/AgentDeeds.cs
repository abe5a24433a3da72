using Microsoft.AspNetCore.Components;

namespace MuseWorkbench.Web.Features.Workbench.Panels;

/// <summary>What a reader can have an agent do, by its index; what has no receiver is not offered.</summary>
public sealed record AgentDeeds
{
    public static AgentDeeds None { get; } = new();

    /// <summary>End its thinking and answer.</summary>
    public EventCallback<int> AnswerNow { get; init; }

    /// <summary>Be asked once more, with another seed.</summary>
    public EventCallback<int> Rerun { get; init; }

    /// <summary>Show its calls word for word.</summary>
    public EventCallback<int> Raw { get; init; }

    /// <summary>Have its answer kept as a case.</summary>
    public EventCallback<int> Keep { get; init; }
}
