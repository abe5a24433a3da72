namespace MuseWorkbench.Agents.Pool.Scaling;

/// <summary>What is to be done with a node.</summary>
public enum ScaleAction
{
    Start,
    Stop,

    /// <summary>Stop it to make room for a node of another model.</summary>
    Swap,

    /// <summary>Start one as soon as there is memory for it.</summary>
    Wait,
}

/// <summary>One step towards the number of nodes that is wanted.</summary>
/// <param name="Action">What is to be done.</param>
/// <param name="Group">Whose node it is.</param>
/// <param name="Node">Which.</param>
/// <param name="Reason">Why, a sentence for the user.</param>
public sealed record ScaleDecision(ScaleAction Action, string Group, string Node, string Reason);
