using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Cases;

/// <summary>Datasets over HTTP under <c>/api/datasets</c>. Shapes in docs/experiments.md.</summary>
internal static class DatasetEndpoints
{
    public static void MapDatasets(this WebApplication app)
    {
        var api = app.MapGroup("/api/datasets").WithTags("Datasets");
        api.MapGet("", async ([FromServices] ICaseStore cases, CancellationToken stop) => Results.Json(await cases.ListAsync(stop), MuseJson.Options)).WithSummary("All datasets, by name.");
        api.MapGet("{id:guid}", async (Guid id, [FromServices] ICaseStore cases, CancellationToken stop) =>
            await cases.FindAsync(id, stop) is { } dataset ? Results.Json(dataset, MuseJson.Options) : NotFound()).WithSummary("A dataset and its versions.");
        api.MapGet("{id:guid}/cases", CasesAsync).WithSummary("A page of its cases; of the draft where no version is named.");
        api.MapPost("{id:guid}/publish", PublishAsync).WithSummary("Makes the draft the next version.");
    }

    private static async Task<IResult> CasesAsync(
        Guid id, int? version, string? search, string? tag, string? split, int? skip, int? take, [FromServices] ICaseStore cases, CancellationToken stop)
    {
        if (await cases.FindAsync(id, stop) is not { } dataset || (version is not null && dataset.Versions.All(v => v.Number != version)))
        {
            return NotFound();
        }

        var query = new CaseQuery { Version = version, Search = search ?? "", Tag = tag, Split = split, Skip = skip ?? 0, Take = take ?? 50 };
        return Results.Json(await cases.QueryAsync(id, query, stop), MuseJson.Options);
    }

    private static async Task<IResult> PublishAsync(Guid id, string? note, [FromServices] ICaseStore cases, CancellationToken stop)
    {
        if (await cases.FindAsync(id, stop) is null)
        {
            return NotFound();
        }

        return await cases.PublishAsync(id, note ?? "", stop) is { } version
            ? Results.Json(version, MuseJson.Options, statusCode: StatusCodes.Status201Created)
            : ApiError.Result(StatusCodes.Status409Conflict, "not_changed", "The draft holds no change.");
    }

    private static IResult NotFound() => ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such dataset or version.");
}
