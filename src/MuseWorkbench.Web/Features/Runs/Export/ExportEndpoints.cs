using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Runs.Export;

/// <summary>Runs as files, out and in.</summary>
internal static class ExportEndpoints
{
    public static void MapExports(this RouteGroupBuilder api)
    {
        api.MapGet("{runId:guid}/export.json", (Guid runId, [FromServices] RunExport export, CancellationToken cancellationToken) =>
            SendAsync(runId, "json", "application/json", withRemarks: true, document => JsonSerializer.SerializeToUtf8Bytes(document, MuseJson.Options), export, cancellationToken));
        api.MapGet("{runId:guid}/export.html", (Guid runId, [FromServices] RunExport export, CancellationToken cancellationToken) =>
            SendAsync(runId, "html", "text/html; charset=utf-8", withRemarks: false, document => Encoding.UTF8.GetBytes(RunHtml.Write(document)), export, cancellationToken));
        api.MapPost("import", ImportAsync);
    }

    private static async Task<IResult> SendAsync(
        Guid runId, string kind, string type, bool withRemarks, Func<RunDocument, byte[]> write, RunExport export, CancellationToken cancellationToken)
    {
        try
        {
            // As a download: a page opened here would have our origin.
            return await export.CreateAsync(runId, withRemarks, cancellationToken) is { } document
                ? Results.File(write(document), type, $"run-{runId}.{kind}")
                : ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such run.");
        }
        catch (RunRejectedException e)
        {
            return ApiError.Result(StatusCodes.Status409Conflict, "run_rejected", e.Message);
        }
    }

    private static async Task<IResult> ImportAsync(HttpContext context, [FromServices] RunImport import)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = RunImport.MaxBytes;
        try
        {
            var runId = await import.ImportAsync(context.Request.Body, context.RequestAborted);
            return Results.Json(new { runId }, MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (RunImportException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "import_rejected", e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return ApiError.Result(e.StatusCode, "bad_request", e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The file is far too large." : "The upload ended early.");
        }
    }
}
