namespace MuseWorkbench.Agents.Parsing.Grounding;

/// <summary>
/// The keys under which a family's JSON names places. <c>box</c>, <c>point</c> and <c>polygon</c> are read of every
/// family, in its own order and scale: a schema can ask for them without knowing the model.
/// </summary>
internal sealed record JsonPlaceKeys
{
    public static JsonPlaceKeys Common { get; } = new();

    public string Box { get; init; } = "box";
    public string Point { get; init; } = "point";
    /// <summary>Edges stand under <c>x_min</c>, <c>y_min</c>, <c>x_max</c>, <c>y_max</c>, points under <c>x</c> and <c>y</c>.</summary>
    public bool Edges { get; init; }
    /// <summary>A list of lists of four numbers, without any key, is a list of boxes.</summary>
    public bool Bare { get; init; }

    public bool IsBox(string? key) => key is not null && (key == Box || key is "box");

    public bool IsPoint(string? key) => key is not null && (key == Point || key is "point");

    public static bool IsPolygon(string? key) => key is "polygon";

    /// <summary>Says by its number, from 1 in the order they were shown, which picture a place is in.</summary>
    public const string Picture = "image";

    public static bool IsLabel(string? key) => key is "label";
}
