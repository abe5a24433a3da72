using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>A call's arguments, each of the kind its parameter asks for.</summary>
public sealed class ToolArguments
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 8, AllowDuplicateProperties = false };
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    private ToolArguments() { }

    /// <summary>Reads and checks a call's arguments; else says, to the model, everything that is wrong with them.</summary>
    /// <param name="definition">What they are held to.</param>
    /// <param name="text">As the model wrote them; not necessarily JSON.</param>
    public static (ToolArguments? Arguments, string? Error) Read(ToolDefinition definition, string text)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > ToolLimits.ArgumentLength)
            return (null, $"The arguments are longer than {ToolLimits.ArgumentLength} characters.");
        try
        {
            using var json = JsonDocument.Parse(text.Trim() is { Length: > 0 } written ? written : "{}", s_json);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return (null, $"The arguments must be a JSON object. {Usage(definition)}");
            var read = new ToolArguments();
            var faults = read.Take(definition, json.RootElement).ToArray();
            return faults.Length == 0 ? (read, null) : (null, $"{string.Join(' ', faults)} {Usage(definition)}");
        }
        catch (JsonException)
        {
            return (null, $"The arguments are not valid JSON. {Usage(definition)}");
        }
    }

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => (string)_values[name];

    public string? TextOrNull(string name) => (string?)_values.GetValueOrDefault(name);

    public ImmutableArray<string> Texts(string name) => (ImmutableArray<string>)_values[name];

    public int WholeNumber(string name, int otherwise) => _values.TryGetValue(name, out var value) ? (int)(double)value : otherwise;

    public bool Flag(string name) => _values.TryGetValue(name, out var value) && (bool)value;

    /// <summary>A box, 0 to 1 of the picture as the agent sees it, its corners in order.</summary>
    public NormalizedBox Box(string name) => (NormalizedBox)_values[name];

    public NormalizedBox? BoxOrNull(string name) => (NormalizedBox?)_values.GetValueOrDefault(name);

    private IEnumerable<string> Take(ToolDefinition definition, JsonElement given)
    {
        foreach (var property in given.EnumerateObject())
        {
            if (definition.Parameters.FirstOrDefault(p => p.Name == property.Name) is not { } parameter)
                yield return $"There is no argument \"{Shorten(property.Name)}\".";
            else if (property.Value.ValueKind == JsonValueKind.Null && !parameter.IsRequired)
                continue;
            else if (Read(parameter, property.Value) is { } value)
                _values[parameter.Name] = value;
            else
                yield return $"\"{parameter.Name}\" must be {Expected(parameter)}.";
        }
        foreach (var parameter in definition.Parameters)
        {
            if (parameter.IsRequired && !given.TryGetProperty(parameter.Name, out _))
                yield return $"\"{parameter.Name}\" is missing.";
        }
    }

    private static object? Read(ToolParameter parameter, JsonElement value) => parameter.Kind switch
    {
        ToolParameterKind.Text => ReadText(value, parameter.MaxLength),
        ToolParameterKind.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null,
        ToolParameterKind.TextList => ReadTexts(value, parameter.MaxLength),
        ToolParameterKind.Box => ReadBox(value),
        _ => ReadNumber(value, parameter.Least, parameter.Most) is { } number
            && (parameter.Kind == ToolParameterKind.Number || number == Math.Truncate(number)) ? number : null,
    };

    private static string? ReadText(JsonElement value, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString() is { } text && text.Length <= maxLength ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair
        }
    }

    private static ImmutableArray<string>? ReadTexts(JsonElement value, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is < 1 or > ToolLimits.ListItems)
            return null;
        var texts = value.EnumerateArray().Select(item => ReadText(item, maxLength)).OfType<string>().ToImmutableArray();
        return texts.Length == value.GetArrayLength() ? texts : null;
    }

    private static double? ReadNumber(JsonElement value, double least, double most) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most ? number : null;

    private static NormalizedBox? ReadBox(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 4)
            return null;
        var edges = value.EnumerateArray().Select(edge => ReadNumber(edge, 0, ToolLimits.CoordinateScale)).ToArray();
        if (!edges.All(edge => edge is not null))
            return null;
        var (x0, y0, x1, y1) = (Share(0), Share(1), Share(2), Share(3));
        return new NormalizedBox(Math.Min(x0, x1), Math.Min(y0, y1), Math.Max(x0, x1), Math.Max(y0, y1));

        double Share(int index) => edges[index]!.Value / ToolLimits.CoordinateScale;
    }

    private static string Expected(ToolParameter parameter) => parameter.Kind switch
    {
        ToolParameterKind.Text => $"text of at most {parameter.MaxLength} characters",
        ToolParameterKind.Flag => "true or false",
        ToolParameterKind.TextList => $"a list of 1 to {ToolLimits.ListItems} texts",
        ToolParameterKind.Box => $"a list of four numbers from 0 to {ToolLimits.CoordinateScale}: left, top, right, bottom",
        _ => string.Create(CultureInfo.InvariantCulture, $"a {(parameter.Kind == ToolParameterKind.WholeNumber ? "whole " : "")}number{Range(parameter)}"),
    };

    private static string Range(ToolParameter parameter) => parameter.Most < double.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $" from {parameter.Least} to {parameter.Most}")
        : "";

    private static string Usage(ToolDefinition definition) =>
        $"{definition.Name} takes {string.Join(", ", definition.Parameters.Select(p => p.IsRequired ? p.Name : $"{p.Name} (optional)"))}.";

    private static string Shorten(string name) => name.Length <= 64 ? name : name[..64] + "…";
}
