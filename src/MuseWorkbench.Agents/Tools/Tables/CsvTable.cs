using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>A CSV file's columns and rows, all text. Separators are commas, semicolons or tabs, whichever the first line has.</summary>
public sealed record CsvTable(ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>Most tables of a run.</summary>
    public const int MaxTables = 4;

    /// <summary>Most characters of a table.</summary>
    public const int MaxLength = CaseLimits.TableLength;

    /// <summary>Most columns and rows of a table.</summary>
    public const int MaxColumns = CaseLimits.TableColumns, MaxRows = CaseLimits.TableRows;

    private const int MaxColumnName = 100;

    /// <summary>The table, or what is wrong with the file, for whoever attached it.</summary>
    public static (CsvTable? Table, string? Fault) Read(string csv)
    {
        ArgumentNullException.ThrowIfNull(csv);
        if (csv.Length > MaxLength)
            return (null, string.Create(CultureInfo.InvariantCulture, $"it is {csv.Length:N0} characters long; at most {MaxLength:N0} are allowed"));
        if (csv.Contains('\0', StringComparison.Ordinal))
            return (null, "it is not text");
        var text = csv.TrimStart('\uFEFF');
        try
        {
            using var parser = new CsvParser(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                Delimiter = DelimiterOf(text), TrimOptions = TrimOptions.Trim, IgnoreBlankLines = true,
            });
            if (!parser.Read())
                return (null, "it is empty; its first line must name the columns");
            var columns = parser.Record!.ToImmutableArray();
            if (FaultOf(columns) is { } fault)
                return (null, fault);
            var rows = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
            while (parser.Read())
            {
                if (rows.Count == MaxRows)
                    return (null, string.Create(CultureInfo.InvariantCulture, $"it has more than {MaxRows:N0} rows"));
                if (parser.Count != columns.Length)
                    return (null, $"line {parser.RawRow} has {parser.Count} values where the first line names {columns.Length} columns");
                rows.Add([.. parser.Record!]);
            }
            return (new CsvTable(columns, rows.ToImmutable()), null);
        }
        catch (CsvHelperException failure)
        {
            return (null, failure.Context?.Parser is { } at ? $"line {at.RawRow} can't be read" : "it can't be read");
        }
    }

    /// <summary>What is wrong with a run's tables, in words for whoever asked; null where nothing is.</summary>
    public static string? Fault(ImmutableArray<TableFile> tables)
    {
        if (tables.Length > MaxTables)
            return $"{tables.Length} tables are too many; at most {MaxTables} are allowed.";
        foreach (var table in tables)
        {
            if (table is not { Name.Length: > 0 and <= 200, Csv: not null })
                return "A table has no name or no text.";
            if (tables.Count(other => other?.Name == table.Name) > 1)
                return $"Two tables are named \"{table.Name}\".";
            if (Read(table.Csv).Fault is { } fault)
                return $"The table \"{table.Name}\" can't be used: {fault}.";
        }
        return null;
    }

    private static string? FaultOf(ImmutableArray<string> columns) =>
        columns.Length > MaxColumns ? $"it has {columns.Length} columns; at most {MaxColumns} are allowed"
        : columns.Any(column => column.Length is 0 or > MaxColumnName) ? $"its first line must name every column, in at most {MaxColumnName} characters"
        : columns.Distinct(StringComparer.OrdinalIgnoreCase).Count() < columns.Length ? "two of its columns have one name"
        : null;

    private static string DelimiterOf(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var first = end < 0 ? text.AsSpan() : text.AsSpan(0, end);
        return first.Contains(',') ? "," : first.Contains(';') ? ";" : first.Contains('\t') ? "\t" : ",";
    }
}
