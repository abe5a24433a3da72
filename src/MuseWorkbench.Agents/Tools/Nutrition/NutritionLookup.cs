using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MuseWorkbench.Agents.Tools;

/// <summary>
/// Looks foods up: <c>{"items":["apple","egg"]}</c> gives kilocalories of a piece, <c>{"apple":95,"egg":78}</c>; with
/// <c>"detail":true</c> carbohydrate, protein and fat, too, of a piece and of 100 g.
/// </summary>
internal sealed class NutritionLookup : ITool
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ToolDefinition Definition { get; } = new(
        ToolNames.Nutrition, "Kilocalories of one piece of each food; with detail also carbohydrate, protein and fat, of a piece and of 100 g.",
        [
            new("items", ToolParameterKind.TextList, "The foods, such as apple."),
            new("detail", ToolParameterKind.Flag, "Whether carbohydrate, protein and fat are wanted, too.") { IsRequired = false },
        ]);

    public ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken)
    {
        var items = arguments.Texts("items").Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        var unknown = items.Where(item => FoodTable.Find(item) is null).Select(Shorten).ToArray();
        if (unknown.Length > 0)
            return new(ToolResult.Error($"Not in the table: {string.Join(", ", unknown)}. Known: {string.Join(", ", FoodTable.All.Select(food => food.Name))}."));
        return new(new ToolResult(arguments.Flag("detail")
            ? Detail(items.Select(item => FoodTable.Find(item)!).Distinct())
            : JsonSerializer.Serialize(items.ToDictionary(item => item, item => FoodTable.Find(item)!.KilocaloriesPerPiece), s_json)));
    }

    private static string Detail(IEnumerable<Food> foods)
    {
        var text = new StringBuilder();
        foreach (var food in foods)
        {
            text.Append(CultureInfo.InvariantCulture, $"{food.Name} ({food.Description}): ");
            Append(text, "100 g", food, 1);
            Append(text.Append("; "), string.Create(CultureInfo.InvariantCulture, $"a piece ({food.Piece}, {food.PieceGrams:0.#} g)"), food, food.PieceGrams / 100);
            text.Append(".\n");
        }
        return text.Append("Source: USDA FoodData Central, SR Legacy.").ToString();
    }

    private static void Append(StringBuilder text, string what, Food food, double share) => text.Append(
        CultureInfo.InvariantCulture,
        $"{what} {Math.Round(food.Kilocalories * share, MidpointRounding.AwayFromZero):0} kcal, carbohydrate {food.Carbohydrate * share:0.#} g, protein {food.Protein * share:0.#} g, fat {food.Fat * share:0.#} g");

    private static string Shorten(string name) => name.Length <= 40 ? name : name[..40] + "…";
}
