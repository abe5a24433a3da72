namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>What a report is written as.</summary>
public enum ReportFormat
{
    /// <summary>One page for readers, which needs no server and no network.</summary>
    Html,
    /// <summary>Everything, for programs.</summary>
    Json,
    /// <summary>A row for each attempt (RFC 4180).</summary>
    Csv,
    /// <summary>JUnit's XML, as build servers read it: a suite for each team, a test for each attempt.</summary>
    JUnit,
    /// <summary>Inspect's log of one team, the baseline.</summary>
    InspectLog,
}

/// <summary>Report formats by the ending of a file's name.</summary>
public static class ReportFormats
{
    /// <summary>The endings, for messages.</summary>
    public const string Names = "html, json, csv, xml or eval";

    /// <summary>The format of an ending, without its dot; null where there is none.</summary>
    public static ReportFormat? Find(string ending) => ending?.ToUpperInvariant() switch
    {
        "HTML" or "HTM" => ReportFormat.Html,
        "JSON" => ReportFormat.Json,
        "CSV" => ReportFormat.Csv,
        "XML" => ReportFormat.JUnit,
        "EVAL" => ReportFormat.InspectLog,
        _ => null,
    };

    public static string MediaType(ReportFormat format) => format switch
    {
        ReportFormat.Html => "text/html; charset=utf-8",
        ReportFormat.Json => "application/json",
        ReportFormat.Csv => "text/csv; charset=utf-8",
        ReportFormat.InspectLog => "application/zip",
        _ => "application/xml",
    };
}
