using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Experiments;
using MuseWorkbench.Curation.Experiments.Reports;
using MuseWorkbench.Curation.Experiments.Results;
using MuseWorkbench.Web.Features.Cases.Exchange;
using MuseWorkbench.Web.Features.Teams;

namespace MuseWorkbench.Web.Features.Experiments;

/// <summary>Experiments over HTTP under <c>/api/experiments</c>. Shapes in docs/experiments.md.</summary>
internal static class ExperimentEndpoints
{
    public static void MapExperiments(this WebApplication app)
    {
        var api = app.MapGroup("/api/experiments").WithTags("Experiments");
        api.MapGet("", async ([FromServices] IExperimentStore store, CancellationToken stop) => Json(await store.ListAsync(stop))).WithSummary("All experiments, newest first.");
        api.MapPost("", CreateAsync).WithSummary("Makes an experiment and begins it.").Accepts<ExperimentRequest>("application/json");
        api.MapGet("{id:guid}", async (Guid id, [FromServices] ExperimentService experiments, CancellationToken stop) =>
            await experiments.GetProgressAsync(id, stop) is { } progress ? Json(Shape(progress)) : NotFound()).WithSummary("An experiment and how far it is.");
        api.MapDelete("{id:guid}", async (Guid id, [FromServices] ExperimentService experiments, CancellationToken stop) =>
            await experiments.DeleteAsync(id, stop) ? Results.NoContent() : NotFound()).WithSummary("Forgets an experiment; its runs stay.");
        api.MapGet("{id:guid}/cells", CellsAsync).WithSummary("A page of its cases, each with its cells.");
        api.MapGet("{id:guid}/results", ResultsAsync).WithSummary("Teams, comparisons with the baseline and verdicts in words.");
        api.MapGet("{id:guid}/scaling", async (Guid id, [FromServices] ExperimentScaling scaling, CancellationToken stop) => Json(await scaling.OfAsync(id, null, stop)))
            .WithSummary("Accuracy against cost as teams grow, by resampling votes.");
        api.MapPost("{id:guid}/pause", Act((experiments, id, stop) => experiments.PauseAsync(id, stop))).WithSummary("No further run begins.");
        api.MapPost("{id:guid}/resume", Act((experiments, id, stop) => experiments.ResumeAsync(id, stop))).WithSummary("Goes on with what is pending.");
        api.MapPost("{id:guid}/cancel", Act((experiments, id, stop) => experiments.CancelAsync(id, stop))).WithSummary("Stops, runs under way included.");
        api.MapPost("{id:guid}/retry", Act((experiments, id, stop) => experiments.RetryErrorsAsync(id, stop))).WithSummary("Tries cells with errors again.");
        api.MapPost("{id:guid}/missing", Act((experiments, id, stop) => experiments.RunMissingAsync(id, stop))).WithSummary("Runs every cell without a result.");
        api.MapPost("{id:guid}/rescore", RescoreAsync).WithSummary("Scores kept runs by another version's assertions.");
        api.MapGet("{id:guid}/report.{format}", ReportAsync).WithSummary("The results as html, json, csv, xml (JUnit) or eval (Inspect's log of the baseline).");
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, [FromServices] ExperimentIntake intake, [FromServices] ExperimentService experiments, [FromServices] IRunStore store, CancellationToken stop)
    {
        if (!request.HasJsonContentType())
        {
            return ApiError.Result(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "The request must be JSON, with 'Content-Type: application/json'.");
        }

        if (!store.Status.Saves)
        {
            return ApiError.Result(StatusCodes.Status503ServiceUnavailable, "not_saving", $"Nothing can be kept at the moment. {store.Status.Problem}".Trim());
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: stop);
            var made = await intake.CreateAsync(body.RootElement, stop);
            return Results.Json(Shape((await experiments.GetProgressAsync(made.Id, stop))!), MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (ExperimentRefusedException e)
        {
            return Refused(e);
        }
        catch (JsonException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "invalid_json", $"The request is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
        catch (BadHttpRequestException e)
        {
            return ApiError.Result(e.StatusCode, "bad_request", e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The request is far too large." : "The request ended early.");
        }
    }

    private static async Task<IResult> CellsAsync(Guid id, string? filter, int? baseline, int? skip, int? take, [FromServices] IExperimentStore store, CancellationToken stop)
    {
        if (await store.FindAsync(id, stop) is not { } experiment)
        {
            return NotFound();
        }

        if (!Enum.TryParse<MatrixFilter>(filter ?? nameof(MatrixFilter.All), ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "invalid_filter", $"A filter is {string.Join(", ", Enum.GetNames<MatrixFilter>()).ToLowerInvariant()}.");
        }

        return Baseline(experiment, baseline) is { } fault
            ? fault
            : Json(await store.QueryAsync(id, new MatrixQuery { Filter = kind, Baseline = baseline ?? 0, Skip = skip ?? 0, Take = take ?? 50 }, stop));
    }

    private static async Task<IResult> ResultsAsync(Guid id, int? baseline, [FromServices] IExperimentStore store, CancellationToken stop)
    {
        if (await store.FindAsync(id, stop) is not { } experiment)
        {
            return NotFound();
        }

        if (Baseline(experiment, baseline) is { } fault)
        {
            return fault;
        }

        var cases = await store.ReadCasesAsync(id, stop);
        var cells = await store.ReadCellsAsync(id, stop).ToListAsync(stop);
        return Json(await Task.Run(() => ReportShape.Of(ExperimentResults.Of(experiment, cases, cells, baseline ?? 0)), stop));
    }

    private static async Task<IResult> RescoreAsync(Guid id, int? version, [FromServices] ExperimentRescoring rescoring, CancellationToken stop)
    {
        try
        {
            return await rescoring.RescoreAsync(id, version, null, stop) is { } report ? Json(report) : NotFound();
        }
        catch (ExperimentRefusedException e)
        {
            return Refused(e);
        }
    }

    private static async Task<IResult> ReportAsync(Guid id, string format, int? baseline, [FromServices] IExperimentStore store, [FromServices] ExperimentReports reports, [FromServices] ImportUploads files, CancellationToken stop)
    {
        if (ReportFormats.Find(format) is not { } kind)
        {
            return ApiError.Result(StatusCodes.Status404NotFound, "unknown_format", $"A report is {ReportFormats.Names}.");
        }

        if (await store.FindAsync(id, stop) is not { } experiment)
        {
            return NotFound();
        }

        if (Baseline(experiment, baseline) is { } fault)
        {
            return fault;
        }

        var name = $"{TeamEndpoints.FileName(experiment.Name)}.{format}";
        if (kind != ReportFormat.InspectLog)
        {
            return Results.Stream(into => reports.WriteAsync(experiment, kind, baseline ?? 0, into, stop), ReportFormats.MediaType(kind), name);
        }

        // Writing an archive blocks, which a response does not allow.
        var file = files.CreateTemporary();
        try
        {
            await reports.WriteAsync(experiment, kind, baseline ?? 0, file, stop);
            file.Position = 0;
            return Results.File(file, ReportFormats.MediaType(kind), name);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static Delegate Act(Func<ExperimentService, Guid, CancellationToken, Task<bool>> act) =>
        async (Guid id, [FromServices] ExperimentService experiments, [FromServices] IExperimentStore store, CancellationToken stop) =>
            await act(experiments, id, stop) ? Results.NoContent()
            : await store.FindAsync(id, stop) is { } found
                ? ApiError.Result(StatusCodes.Status409Conflict, "not_in_state", $"There is nothing to do: the experiment is {found.State.ToString().ToLowerInvariant()}.")
                : NotFound();

    private static IResult? Baseline(Experiment experiment, int? baseline) => baseline is < 0 || baseline >= experiment.Teams.Length
        ? ApiError.Result(StatusCodes.Status400BadRequest, "invalid_baseline", $"The baseline is a team's index, 0 to {experiment.Teams.Length - 1}.")
        : null;

    private static object Shape(ExperimentProgress progress) =>
        new { progress.Experiment, progress.Counts, RemainingMs = progress.Remaining?.TotalMilliseconds };

    private static IResult Refused(ExperimentRefusedException e) => e.Refusal switch
    {
        ExperimentRefusal.NotFound => ApiError.Result(StatusCodes.Status404NotFound, "not_found", e.Message),
        ExperimentRefusal.PublishFirst => ApiError.Result(StatusCodes.Status409Conflict, "publish_first", e.Message),
        ExperimentRefusal.Unscorable => ApiError.Result(StatusCodes.Status400BadRequest, "unscorable", e.Message),
        _ => ApiError.Result(StatusCodes.Status400BadRequest, "experiment_rejected", e.Message),
    };

    private static IResult Json<T>(T value) => Results.Json(value, MuseJson.Options);

    private static IResult NotFound() => ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such experiment.");
}
