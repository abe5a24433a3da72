using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using MuseWorkbench.Data.Runs;

namespace MuseWorkbench.Web.Features.Runs.List;

/// <summary>A list's query as its address: it can be kept, sent, and come back to.</summary>
internal static class RunListAddress
{
    public const int PageSize = 50;

    private const string Day = "yyyy-MM-dd";

    public static RunQuery Read(Uri address)
    {
        var values = QueryHelpers.ParseQuery(address.Query);
        return new RunQuery
        {
            Search = Value("q") ?? "",
            State = Enum.TryParse<RunState>(Value("state"), ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null,
            Team = Value("team"),
            Model = Value("model"),
            Tag = Value("tag"),
            Rating = int.TryParse(Value("stars"), NumberStyles.None, CultureInfo.InvariantCulture, out var stars) && stars is >= 1 and <= 5 ? stars : null,
            From = DayOf("from"),
            Before = DayOf("to")?.AddDays(1),
            Experiments = Enum.TryParse<ExperimentRuns>(Value("experiments"), ignoreCase: true, out var experiments) && Enum.IsDefined(experiments) ? experiments : ExperimentRuns.LeaveOut,
            Experiment = Guid.TryParse(Value("experiment"), out var experiment) ? experiment : null,
            Sort = Enum.TryParse<RunSort>(Value("sort"), ignoreCase: true, out var sort) && Enum.IsDefined(sort) ? sort : RunSort.Newest,
            Skip = int.TryParse(Value("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page is > 1 and < 1_000_000 ? (page - 1) * PageSize : 0,
            Take = PageSize,
        };

        string? Value(string name) => values.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

        DateTimeOffset? DayOf(string name) => DateOnly.TryParseExact(Value(name), Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : null;
    }

    public static string Write(RunQuery query)
    {
        var values = new Dictionary<string, string?>
        {
            ["q"] = query.Search,
            ["state"] = query.State?.ToString().ToLowerInvariant(),
            ["team"] = query.Team,
            ["model"] = query.Model,
            ["tag"] = query.Tag,
            ["stars"] = query.Rating?.ToString(CultureInfo.InvariantCulture),
            ["from"] = DayText(query.From),
            ["to"] = DayText(query.Before?.AddDays(-1)),
            ["experiments"] = query.Experiments == ExperimentRuns.LeaveOut ? null : query.Experiments.ToString().ToLowerInvariant(),
            ["experiment"] = query.Experiment?.ToString(),
            ["sort"] = query.Sort == RunSort.Newest ? null : query.Sort.ToString().ToLowerInvariant(),
            ["page"] = query.Skip == 0 ? null : ((query.Skip / PageSize) + 1).ToString(CultureInfo.InvariantCulture),
        };
        return QueryHelpers.AddQueryString("runs", values.Where(pair => !string.IsNullOrEmpty(pair.Value)));
    }

    public static string? DayText(DateTimeOffset? day) => day?.ToString(Day, CultureInfo.InvariantCulture);
}
