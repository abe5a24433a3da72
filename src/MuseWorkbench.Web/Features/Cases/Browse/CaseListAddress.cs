using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>What a dataset's page shows: which cases, and how.</summary>
/// <param name="At">The case to begin at, by its index in the list; null for the first.</param>
public sealed record CaseListState(CaseQuery Query, bool IsTable = false, int? At = null)
{
    public static CaseListState Empty { get; } = new(new CaseQuery());

    /// <summary>Whether something is left out.</summary>
    public bool IsFiltered => Query is not { Search: "", Tag: null, Split: null };
}

/// <summary>A dataset's page as its address: it can be kept, sent, and come back to.</summary>
public static class CaseListAddress
{
    public static CaseListState Read(Uri address)
    {
        var values = QueryHelpers.ParseQuery(address.Query);
        return new(
            new CaseQuery { Search = Value("q") ?? "", Tag = Value("tag"), Split = Value("split"), Version = Number("v") is > 0 and var version ? version : null },
            Value("view") == "table",
            Number("at"));

        string? Value(string name) => values.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

        int? Number(string name) => int.TryParse(Value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>The list.</summary>
    public static string List(Guid dataset, CaseListState state) => Write($"cases/{dataset}", state, null);

    /// <summary>One case of it, with the way back and to its neighbours.</summary>
    public static string Case(Guid dataset, CaseListState state, string caseId, int? at) => Write($"cases/{dataset}/case", state with { At = at }, caseId);

    /// <summary>A new case.</summary>
    public static string New(Guid dataset) => $"cases/{dataset}/new";

    /// <summary>Two versions side by side; null means the draft.</summary>
    public static string Compare(Guid dataset, int? from, int? to) =>
        QueryHelpers.AddQueryString($"cases/{dataset}/compare", new Dictionary<string, string?> { ["from"] = VersionText(from), ["to"] = VersionText(to) });

    public static string VersionText(int? version) => version?.ToString(CultureInfo.InvariantCulture) ?? "draft";

    private static string Write(string path, CaseListState state, string? caseId)
    {
        var values = new Dictionary<string, string?>
        {
            ["id"] = caseId,
            ["v"] = state.Query.Version?.ToString(CultureInfo.InvariantCulture),
            ["q"] = state.Query.Search,
            ["tag"] = state.Query.Tag,
            ["split"] = state.Query.Split,
            ["view"] = state.IsTable ? "table" : null,
            ["at"] = state.At?.ToString(CultureInfo.InvariantCulture),
        };
        return QueryHelpers.AddQueryString(path, values.Where(pair => !string.IsNullOrEmpty(pair.Value)));
    }
}
