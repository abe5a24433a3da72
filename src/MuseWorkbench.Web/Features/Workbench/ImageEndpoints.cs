using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench;

/// <summary>
/// <c>POST /images</c> (the file as body, or the first file of a form), <c>GET /images/{sha256}</c>, and the same made small for lists
/// under <c>/images/{sha256}/thumb</c>.
/// </summary>
internal static class ImageEndpoints
{
    /// <summary>Most bytes read of a body; more than an image may have, so that one somewhat too large is told so.</summary>
    private const long MaxBody = 256L << 20;

    public static void AddImages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IImageInspector, ImageInspector>();
        builder.Services.AddSingleton<IImageRenderer, NodeImages>();
        builder.Services.AddSingleton<ImageLibrary>();
        builder.Services.AddSingleton<IImageLibrary>(services => services.GetRequiredService<ImageLibrary>());
        builder.Services.AddSingleton<Thumbnails>();
        builder.Services.AddSingleton<IImageStore>(services => services.GetRequiredService<ImageLibrary>());
    }

    public static void MapImages(this WebApplication app)
    {
        app.MapPost("/images", AddAsync);
        app.MapGet("/images/{sha256}", Get);
        app.MapGet("/images/{sha256}/thumb", GetThumbAsync);
    }

    private static async Task<IResult> AddAsync(HttpContext context, ImageLibrary library, string? name)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MaxBody;
        try
        {
            var (content, formName) = await OpenAsync(context.Request, context.RequestAborted);
            if (content is null)
            {
                return ApiError.Result(StatusCodes.Status400BadRequest, "no_file", "The form carries no file.");
            }

            var image = await library.AddAsync(content, name ?? formName ?? "", context.RequestAborted);
            context.Response.Headers.Location = $"/images/{image.Sha256}";
            return Results.Json(image, MuseJson.Options, statusCode: StatusCodes.Status201Created);
        }
        catch (ImageRejectedException e)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "image_rejected", e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return ApiError.Result(e.StatusCode, "bad_request", e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "The file is far too large." : "The upload ended early.");
        }
        catch (InvalidDataException)
        {
            return ApiError.Result(StatusCodes.Status400BadRequest, "bad_request", "The form can't be read.");
        }
    }

    private static IResult Get(HttpContext context, ImageLibrary library, string sha256)
    {
        if (library.Find(sha256) is not { } image)
        {
            return ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such image.");
        }

        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return Results.File(library.PathOf(image), image.MediaType);
    }

    private static async Task<IResult> GetThumbAsync(HttpContext context, ImageLibrary library, [FromServices] Thumbnails thumbnails, string sha256)
    {
        if (library.Find(sha256) is not { } image)
        {
            return ApiError.Result(StatusCodes.Status404NotFound, "not_found", "There is no such image.");
        }

        var (path, mediaType, isFinal) = await thumbnails.GetAsync(image, context.RequestAborted);
        context.Response.Headers.CacheControl = isFinal ? "private, max-age=31536000, immutable" : "private, no-cache";
        return Results.File(path, mediaType);
    }

    /// <summary>The file's bytes as they arrive: nothing is kept of more than one buffer.</summary>
    private static async Task<(Stream? Content, string? Name)> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
        {
            return (request.Body, null);
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            throw new InvalidDataException("No boundary.");
        }

        var reader = new MultipartReader(boundary, request.Body);
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (section.AsFileSection() is { FileStream: not null } file)
            {
                return (file.FileStream, file.FileName);
            }
        }

        return (null, null);
    }
}
