using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tools;

/// <summary>Finds rows of a table attached to the run: <c>{"column":"Name","value":"egg"}</c>. Case and outer space don't count.</summary>
internal sealed class TableLookup : ITool
{
    private const int MaxRows = 20;
    private const int MaxDescription = 1_000;

    public ToolDefinition Definition { get; } = new(
        ToolNames.TableLookup, "Finds the rows of an attached table that have a value in a column.",
        [
            new("column", ToolParameterKind.Text, "The column to look in."),
            new("value", ToolParameterKind.Text, "What must stand there."),
            new("part", ToolParameterKind.Flag, "Whether it may be a part of what stands there.") { IsRequired = false },
            new("table", ToolParameterKind.Text, "Which table, by name; needed where there are several.") { IsRequired = false },
        ]);

    public ToolDefinition DefinitionFor(ImmutableArray<TableFile> tables)
    {
        var text = new StringBuilder(Definition.Description);
        foreach (var table in tables)
        {
            if (CsvTable.Read(table.Csv).Table is { } read)
                text.Append(CultureInfo.InvariantCulture, $" Table \"{OneLine(table.Name)}\": {string.Join(", ", read.Columns.Select(OneLine))}.");
        }
        return Definition with { Description = text.Length <= MaxDescription ? text.ToString() : string.Concat(text.ToString(0, MaxDescription), "…") };
    }

    public ValueTask<ToolResult> CallAsync(ToolArguments arguments, ToolContext context, CancellationToken cancellationToken) => new(Call(arguments, context));

    private static ToolResult Call(ToolArguments arguments, ToolContext context)
    {
        if (context.Tables.IsEmpty)
            return ToolResult.Error("No table is attached to this run.");
        var name = arguments.TextOrNull("table");
        var file = name is null ? (context.Tables is [var only] ? only : null) : context.Tables.FirstOrDefault(table => Same(table.Name, name));
        if (file is null)
            return ToolResult.Error($"{(name is null ? "Say which table" : "There is no such table")}: {string.Join(", ", context.Tables.Select(table => $"\"{OneLine(table.Name)}\""))}.");
        if (CsvTable.Read(file.Csv) is not { Table: { } table })
            return ToolResult.Error("The table can't be read.");
        var column = table.Columns.FirstOrDefault(one => Same(one, arguments.Text("column")));
        if (column is null)
            return ToolResult.Error($"There is no such column. Columns: {string.Join(", ", table.Columns.Select(OneLine))}.");
        var (index, value, part) = (table.Columns.IndexOf(column), arguments.Text("value").Trim(), arguments.Flag("part"));
        var found = table.Rows.Where(row => part ? row[index].Contains(value, StringComparison.OrdinalIgnoreCase) : Same(row[index], value)).ToArray();
        return new ToolResult(found.Length == 0 ? "No row." : Write(table.Columns, found));
    }

    private static string Write(ImmutableArray<string> columns, ImmutableArray<string>[] rows)
    {
        var text = new StringBuilder();
        if (rows.Length > MaxRows)
            text.Append(CultureInfo.InvariantCulture, $"{rows.Length} rows, the first {MaxRows}:\n");
        foreach (var row in rows.Take(MaxRows))
            text.Append(string.Join(", ", columns.Zip(row, (column, value) => $"{OneLine(column)}: {OneLine(value)}"))).Append('\n');
        return text.ToString().TrimEnd();
    }

    private static bool Same(string a, string b) => string.Equals(a.Trim(), b.Trim(), StringComparison.OrdinalIgnoreCase);

    private static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 200 ? line : line[..200] + "…";
    }
}
