using System.Runtime.CompilerServices;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments.Results;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>Writes reports of experiments, whatever state they are in.</summary>
public sealed class ExperimentReports(IExperimentStore store, IImageStore images)
{
    private const int RowsAtOnce = 200;

    /// <summary>Writes a report: text as UTF-8.</summary>
    /// <param name="baseline">Index of the team the others are compared with.</param>
    public async Task WriteAsync(Experiment experiment, ReportFormat format, int baseline, Stream into, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var cases = await store.ReadCasesAsync(experiment.Id, cancellationToken);
        var cells = await store.ReadCellsAsync(experiment.Id, cancellationToken).ToListAsync(cancellationToken);
        switch (format)
        {
            case ReportFormat.Csv:
                await CsvReport.WriteAsync(experiment, cases, cells, into, cancellationToken);
                break;
            case ReportFormat.Json:
                await JsonReport.WriteAsync(Sum(), cases, cells, into, cancellationToken);
                break;
            case ReportFormat.JUnit:
                await JUnitReport.WriteAsync(experiment, cases, cells, into, cancellationToken);
                break;
            case ReportFormat.InspectLog:
                await InspectLogReport.WriteAsync(Sum(), baseline, RowsAsync(experiment.Id, cancellationToken), images, into, cancellationToken);
                break;
            default:
                await HtmlReport.WriteAsync(Sum(), RowsAsync(experiment.Id, cancellationToken), images, into, cancellationToken);
                break;
        }

        ExperimentResults Sum() => ExperimentResults.Of(experiment, cases, cells, baseline);
    }

    private async IAsyncEnumerable<MatrixRow> RowsAsync(Guid experiment, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var skip = 0; ; skip += RowsAtOnce)
        {
            var page = await store.QueryAsync(experiment, new MatrixQuery { Skip = skip, Take = RowsAtOnce }, cancellationToken);
            foreach (var row in page.Rows)
                yield return row;
            if (page.Rows.Length < RowsAtOnce)
                yield break;
        }
    }
}
