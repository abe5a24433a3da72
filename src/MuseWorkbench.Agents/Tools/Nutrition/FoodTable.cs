using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;

namespace MuseWorkbench.Agents.Tools;

/// <summary>
/// What foods hold. From the U.S. Department of Agriculture's FoodData Central, SR Legacy (April 2018), which is in the
/// public domain; each row names its FDC id. The weights of pieces are its household measures unless the row says otherwise.
/// </summary>
public static class FoodTable
{
    /// <summary>The foods, those the bundled model knows first.</summary>
    public static ImmutableArray<Food> All { get; } = Load();

    private static readonly FrozenDictionary<string, Food> s_byName = All
        .SelectMany(food => food.Names.Prepend(food.Name).Select(name => (name, food)))
        .ToFrozenDictionary(entry => entry.name, entry => entry.food, StringComparer.OrdinalIgnoreCase);

    public static Food? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_byName.GetValueOrDefault(name.Trim());
    }

    private static ImmutableArray<Food> Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("nutrition.csv")!;
        using var reader = new StreamReader(stream);
        return [.. CsvTable.Read(reader.ReadToEnd()).Table!.Rows.Select(row => new Food(
            row[0], [.. row[1].Split('|', StringSplitOptions.RemoveEmptyEntries)], Whole(row[2]), row[3], row[4],
            Number(row[5]), Number(row[6]), Number(row[7]), Number(row[8]), Number(row[9])))];

        static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);
        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}

/// <summary>One food.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Names">What else it is called.</param>
/// <param name="FdcId">Its id in FoodData Central.</param>
/// <param name="Description">Its name there.</param>
/// <param name="Piece">What a piece is.</param>
/// <param name="PieceGrams">What a piece weighs, edible part.</param>
/// <param name="Kilocalories">Per 100 g.</param>
/// <param name="Carbohydrate">Grams per 100 g, by difference.</param>
/// <param name="Protein">Grams per 100 g.</param>
/// <param name="Fat">Grams per 100 g.</param>
public sealed record Food(
    string Name, ImmutableArray<string> Names, int FdcId, string Description, string Piece,
    double PieceGrams, double Kilocalories, double Carbohydrate, double Protein, double Fat)
{
    /// <summary>Kilocalories of a piece, whole.</summary>
    public int KilocaloriesPerPiece => (int)Math.Round(Kilocalories * PieceGrams / 100, MidpointRounding.AwayFromZero);
}
