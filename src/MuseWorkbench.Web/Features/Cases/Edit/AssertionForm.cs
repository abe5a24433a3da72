using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MuseWorkbench.Curation.Scoring;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>
/// One assertion under edit. What a kind knows nothing of stays in it: a file of another program may carry kinds that can't be
/// scored here and must come out as they came in.
/// </summary>
public sealed partial class AssertionForm
{
    private const string Negation = "not-";
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);

    internal AssertionForm(JsonNode? fields, bool isTouched) => (Fields, IsTouched) = (fields as JsonObject ?? new JsonObject { ["type"] = "" }, isTouched);

    public Guid Key { get; } = Guid.NewGuid();

    /// <summary>As it will be kept.</summary>
    public JsonObject Fields { get; }

    /// <summary>Whether it was made or changed here: then it must be right.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>The kind's name, without <c>not-</c>.</summary>
    public string Type => Stated is { } type && type.StartsWith(Negation, StringComparison.Ordinal) ? type[Negation.Length..] : Stated ?? "";

    public bool Not => Stated?.StartsWith(Negation, StringComparison.Ordinal) == true;

    /// <summary>Null where no scorer of that name is known.</summary>
    public ScorerKind? Kind => ScorerCatalogue.Find(Type);

    /// <summary>What is wrong with it, in words; null where it can be scored.</summary>
    public string? Fault
    {
        get
        {
            if (_typed.Count > 0)
                return $"'{_typed.First().Key}' can't be read.";
            if (Kind is null)
                return IsTouched && Type.Length == 0 ? "Choose what to check." : null;
            try
            {
                AssertionText.Read(new JsonArray(Fields.DeepClone()));
                return null;
            }
            catch (AssertionFormatException e)
            {
                return Place().Replace(e.Message, "");
            }
        }
    }

    private string? Stated => Fields["type"] is JsonValue value && value.TryGetValue<string>(out var type) ? type : null;

    /// <summary>Takes another kind; settings that it has, too, stay.</summary>
    public void SetType(string type, bool not)
    {
        ArgumentNullException.ThrowIfNull(type);
        IsTouched = true;
        Fields["type"] = (not ? Negation : "") + type;
        if (ScorerCatalogue.Find(type) is not { } kind)
            return;
        string[] known = ["type", "weight", "metric", "agent", "threshold", .. kind.Settings.Select(setting => setting.Name)];
        foreach (var name in Fields.Select(field => field.Key).Except(known).ToArray())
            Fields.Remove(name);
        _typed.Clear();
    }

    /// <summary>A setting as text, as it was typed last.</summary>
    public string Text(string name) => _typed.TryGetValue(name, out var typed) ? typed : Fields[name] switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonArray list when list.All(item => item?.GetValueKind() == JsonValueKind.String) => string.Join('\n', list.Select(item => item!.GetValue<string>())),
        var node => node.ToJsonString(),
    };

    public bool IsOn(string name) => Fields[name]?.GetValueKind() == JsonValueKind.True;

    /// <summary>Sets a field from what was typed; what can't be read stays as typed, and is a fault.</summary>
    public void Set(string name, FieldKind kind, string typed)
    {
        ArgumentNullException.ThrowIfNull(typed);
        IsTouched = true;
        _typed.Remove(name);
        if (typed.Length == 0 && kind != FieldKind.Text)
        {
            Fields.Remove(name);
            return;
        }
        switch (kind)
        {
            case FieldKind.Number when double.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                Fields[name] = number == Math.Floor(number) && Math.Abs(number) < 1e15 ? JsonValue.Create((long)number) : JsonValue.Create(number);
                break;
            case FieldKind.Lines:
                var lines = typed.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
                Fields[name] = lines is [var only] ? only : new JsonArray([.. lines.Select(line => JsonValue.Create(line))]);
                break;
            case FieldKind.Json when TryParse(typed, out var node):
                Fields[name] = node;
                break;
            case FieldKind.Text or FieldKind.Choice:
                Fields[name] = typed;
                break;
            default:
                _typed[name] = typed;
                break;
        }
    }

    public void Set(string name, bool on)
    {
        IsTouched = true;
        if (on)
            Fields[name] = true;
        else
            Fields.Remove(name);
    }

    /// <summary>How a setting is typed.</summary>
    public static FieldKind KindOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type switch
        {
            _ when type == typeof(string) => FieldKind.Text,
            _ when type == typeof(bool) => FieldKind.Flag,
            _ when type == typeof(double) || type == typeof(int) => FieldKind.Number,
            _ when type == typeof(ImmutableArray<string>) => FieldKind.Lines,
            { IsEnum: true } => FieldKind.Choice,
            _ => FieldKind.Json,
        };
    }

    private static bool TryParse(string text, out JsonNode? node)
    {
        try
        {
            node = JsonNode.Parse(text, documentOptions: new() { MaxDepth = 32, AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            node = null;
            return false;
        }
    }

    [GeneratedRegex(@"^assert\[0\](?: \([^)]*\))?:? ")]
    private static partial Regex Place();
}

/// <summary>How a setting is typed in.</summary>
public enum FieldKind
{
    Text,
    Number,
    Flag,
    /// <summary>One of a few names.</summary>
    Choice,
    /// <summary>Texts, one a line.</summary>
    Lines,
    Json,
}
