using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;

namespace MuseWorkbench.Web.Features.Cases.Exchange;

/// <summary>
/// Datasets as files: <c>GET /api/cases/{dataset}/export/{format}?v=2</c> writes one (a bundle with its teams and runs, where
/// <c>runs=true</c>), <c>POST /api/cases/uploads?name=</c> takes one to
/// import from the page.
/// </summary>
internal static class CaseFileEndpoints
{
    /// <summary>The one format that teams and runs can go along in.</summary>
    public const string BundleId = "muse-bundle";

    public static void MapCaseFiles(this WebApplication app)
    {
        var api = app.MapGroup("/api/cases");
        api.MapGet("{dataset:guid}/export/{format}", ExportAsync);
        api.MapPost("uploads", UploadAsync);
    }

    private static async Task<IResult> ExportAsync(
        HttpContext context, Guid dataset, string format, int? v, bool? runs, [FromServices] ICaseStore store, [FromServices] ICaseImages images,
        [FromServices] ImportUploads files, [FromServices] BundleCompany company)
    {
        if (CaseFormats.Find(format) is not { } as_)
            return ApiError.Result(StatusCodes.Status404NotFound, "no_format", $"There is no such format; there are {string.Join(", ", CaseFormats.All.Select(known => known.Id))}.");
        if (await store.FindAsync(dataset, context.RequestAborted) is not { } found || (v is { } number && found.Versions.All(version => version.Number != number)))
            return ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such dataset, or it has no such version.");
        if (runs is true && as_.Id != BundleId)
            return ApiError.Result(StatusCodes.Status400BadRequest, "no_runs", $"Runs go along in {BundleId} alone.");
        var file = files.CreateTemporary();
        try
        {
            var report = await CaseExporter.ExportAsync(store.ReadAsync(dataset, v, context.RequestAborted), images, as_, file, runs is true ? company.ReadAsync(dataset, context.RequestAborted) : null, context.RequestAborted);
            context.Response.Headers["X-Cases-Written"] = report.Written.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Teams-Written"] = report.Teams.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Runs-Written"] = report.Runs.ToString(CultureInfo.InvariantCulture);
            context.Response.Headers["X-Cases-Skipped"] = report.SkippedCount.ToString(CultureInfo.InvariantCulture);
            file.Position = 0;
            // As a download, and gone with the last byte.
            return Results.File(file, MediaType(as_), $"{Slug(found.Name)}{(v is { } of ? $".v{of}" : "")}.{as_.Id}{as_.Extension}");
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static async Task<IResult> UploadAsync(HttpContext context, string? name, [FromServices] ImportUploads uploads)
    {
        // A little more, so that one somewhat too large hears so.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = ImportUploads.MaxBytes + (64 << 20);
        try
        {
            var upload = await uploads.ReceiveAsync(context.Request.Body, name ?? "", context.RequestAborted);
            return Results.Json(new { upload.Id, upload.Name, upload.Bytes }, MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (ImportRefusedException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "import_refused", e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return ApiError.Result(e.StatusCode, "bad_request", e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The file is far too large." : "The upload ended early.");
        }
    }

    private static string MediaType(ICaseFormat format) => format.Extension switch
    {
        ".zip" or ".eval" => "application/zip",
        ".json" => "application/json",
        _ => "application/jsonl",
    };

    private static string Slug(string name)
    {
        var slug = string.Join('-', string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length switch { 0 => "cases", > 60 => slug[..60], _ => slug };
    }
}
