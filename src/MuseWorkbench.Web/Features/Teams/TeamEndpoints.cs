using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>Teams as files: the schema, export and import. Shapes in docs/teams.md.</summary>
internal static class TeamEndpoints
{
    public static void AddTeams(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ITeamStore, TeamFolder>();
        builder.Services.AddSingleton<TeamIntake>();
    }

    public static void MapTeams(this WebApplication app)
    {
        app.MapGet($"/schemas/{TeamSchema.FileName}", ([FromServices] StrategyCatalogue strategies) =>
            Results.Text(TeamSchema.Write(strategies), "application/schema+json", Encoding.UTF8));
        var api = app.MapGroup("/api/teams");
        api.MapGet("", async ([FromServices] ITeamStore teams, CancellationToken stop) => Results.Json(await teams.ListAsync(stop), MuseJson.Options));
        api.MapPost("", ImportAsync);
        api.MapGet("{id:guid}", ExportAsync);
    }

    private static async Task<IResult> ImportAsync(HttpRequest request, [FromServices] TeamIntake intake, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            var team = await intake.ImportAsync(await ReadAsync(reader, cancellationToken), cancellationToken);
            return Results.Json(team, MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (TeamFormatException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "team_rejected", e.Message);
        }
    }

    private static async Task<IResult> ExportAsync(
        Guid id, string? format, int? version, [FromServices] ITeamStore teams, CancellationToken cancellationToken)
    {
        if (await teams.FindAsync(id, cancellationToken) is not { } team
            || (version is null ? team.Latest : team.Versions.FirstOrDefault(v => v.Number == version)) is not { } chosen)
        {
            return ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such team or version.");
        }

        if (!Enum.TryParse<TeamFormat>(format ?? "json", ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "unknown_format", "The format is json or yaml.");
        }

        var (type, ending) = kind == TeamFormat.Yaml ? ("application/yaml", "yaml") : (MediaTypeNames.Application.Json, "json");
        return Results.File(Encoding.UTF8.GetBytes(TeamText.Write(chosen.Spec, kind)), type, $"{FileName(chosen.Spec.Name)}.v{chosen.Number}.{ending}");
    }

    /// <summary>A name any file system takes.</summary>
    internal static string FileName(string name)
    {
        var safe = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')]).Trim('-');
        return safe.Length == 0 ? "team" : safe[..Math.Min(safe.Length, 60)];
    }

    // One character more than is read: whatever is longer is refused by its length.
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[TeamText.MaxLength + 1];
        var read = await reader.ReadBlockAsync(buffer, cancellationToken);
        return new string(buffer, 0, read);
    }
}
