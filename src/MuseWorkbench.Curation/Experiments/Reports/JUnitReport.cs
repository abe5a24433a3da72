using System.Globalization;
using System.Text;
using System.Xml;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>
/// JUnit's XML: a suite for each team, a test for each attempt. A failure is an answer that did not pass, an error an
/// attempt without a score, skipped what has no result yet.
/// </summary>
internal static class JUnitReport
{
    public static async Task WriteAsync(Experiment experiment, IReadOnlyList<CaseKey> cases, IReadOnlyCollection<ExperimentCell> cells, Stream into, CancellationToken cancellationToken)
    {
        // By way of a buffer: a response takes no writes that block.
        using var buffer = new MemoryStream();
        using var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false) });
        xml.WriteStartDocument();
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", Clean(experiment.Name));
        Counts(xml, cells);
        foreach (var suite in cells.GroupBy(cell => cell.Team).OrderBy(g => g.Key))
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", Clean(experiment.Teams[suite.Key].Spec.Name));
            Counts(xml, [.. suite]);
            foreach (var some in suite.Chunk(200))
            {
                foreach (var cell in some)
                    Test(xml, experiment, cases[cell.Case], cell);
                await PassOnAsync();
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.WriteEndDocument();
        await PassOnAsync();

        async Task PassOnAsync()
        {
            xml.Flush();
            await into.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
        }
    }

    private static void Test(XmlWriter xml, Experiment experiment, CaseKey @case, ExperimentCell cell)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean($"{experiment.DatasetName}.{experiment.Teams[cell.Team].Spec.Name}"));
        xml.WriteAttributeString("name", Clean(experiment.Repeats == 1 ? @case.CaseId : string.Create(CultureInfo.InvariantCulture, $"{@case.CaseId} #{cell.Repeat + 1}")));
        xml.WriteAttributeString("time", Seconds(cell.Result?.WallClockMs ?? 0));
        switch (cell)
        {
            case { State: CellState.Done, Result: { Passed: false } failed }:
                var reasons = failed.Assertions.Where(a => !a.Passed && a.Weight > 0).Select(a => $"{a.Type}: {a.Reason}");
                Outcome(xml, "failure", string.Join("; ", reasons), failed.Answer);
                break;
            case { State: CellState.Error, Result: { } broken }:
                Outcome(xml, "error", broken.Error ?? "", broken.Answer);
                break;
            case { State: CellState.Pending or CellState.Running }:
                xml.WriteElementString("skipped", "");
                break;
        }
        xml.WriteEndElement();
    }

    private static void Outcome(XmlWriter xml, string name, string message, string? answer)
    {
        xml.WriteStartElement(name);
        xml.WriteAttributeString("message", Clean(message));
        xml.WriteString(Clean(answer ?? ""));
        xml.WriteEndElement();
    }

    private static void Counts(XmlWriter xml, IReadOnlyCollection<ExperimentCell> cells)
    {
        Write("tests", cells.Count);
        Write("failures", cells.Count(cell => cell is { State: CellState.Done, Result.Passed: false }));
        Write("errors", cells.Count(cell => cell.State == CellState.Error));
        Write("skipped", cells.Count(cell => cell.State is CellState.Pending or CellState.Running));
        xml.WriteAttributeString("time", Seconds(cells.Sum(cell => cell.Result?.WallClockMs ?? 0)));

        void Write(string attribute, int count) => xml.WriteAttributeString(attribute, count.ToString(CultureInfo.InvariantCulture));
    }

    private static string Seconds(double ms) => (ms / 1000).ToString("0.###", CultureInfo.InvariantCulture);

    // Models say characters that XML has no way to write.
    private static string Clean(string text) => text.EnumerateRunes().All(Allowed)
        ? text
        : string.Concat(text.EnumerateRunes().Select(rune => Allowed(rune) ? rune.ToString() : "\uFFFD"));

    // Half a surrogate pair is enumerated as the replacement character, but would be written as it is.
    private static bool Allowed(Rune rune) => rune.Value is >= 0x20 and < 0xFFFD or '\t' or '\n' or '\r' or > 0xFFFF;
}
