using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench;
using MuseWorkbench.Web.Tests.Kit;

namespace MuseWorkbench.Web.Tests.Images;

public sealed class ImageLibraryTests
{
    // A 2 × 1 PNG, complete.
    private static readonly byte[] s_png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8DA8J8BAAf/Af8Bf4mnAAAAAElFTkSuQmCC");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_Image_IsKeptByContentAndServedForGood(bool asForm)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var file = new ByteArrayContent(s_png);
        using var form = new MultipartFormDataContent { { file, "file", "../table\u202e.png" } };
        using var added = asForm
            ? await workbench.Owner.PostAsync("/images", form, Cancel)
            : await workbench.Owner.PostAsync("/images?name=..%2Ftable%E2%80%AE.png", file, Cancel);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var image = await added.Content.ReadFromJsonAsync<ImageRef>(MuseJson.Options, Cancel);
        Assert.Equal(new ImageRef(Convert.ToHexStringLower(SHA256.HashData(s_png)), "image/png", 2, 1, "table.png"), image);

        using var served = await workbench.Owner.GetAsync(added.Headers.Location, Cancel);
        Assert.Equal(s_png, await served.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal("image/png", served.Content.Headers.ContentType!.MediaType);
        Assert.Contains("immutable", served.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "not a readable PNG, JPEG or WebP")]
    public async Task Post_NotAnImage_Is400WithTheReason(string content, string reason)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var body = new StringContent(content);
        using var response = await workbench.Owner.PostAsync("/images", body, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, await ReadErrorAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(40)] // more than the server reads of other bodies
    public async Task Post_TooLarge_Is400WithTheLimit(int megabytes)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var body = new ByteArrayContent(new byte[megabytes << 20]);
        using var response = await workbench.Owner.PostAsync("/images", body, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("20 MB", await ReadErrorAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_FormWithoutFile_Is400()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("x"), "note" } };
        using var response = await workbench.Owner.PostAsync("/images", form, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("The form carries no file.", await ReadErrorAsync(response));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..%2f..%2fappsettings.json")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000%0A")]
    [InlineData("ABCDEF0000000000000000000000000000000000000000000000000000000000")]
    public async Task Get_WhatIsNoKeptImage_Is404(string name)
    {
        await using var workbench = await TestWorkbench.StartAsync();
        using var response = await workbench.Owner.GetAsync($"/images/{name}", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Add_ImageTheNodeCannotDecode_IsRejectedAndNotKept()
    {
        await using var workbench = await TestWorkbench.StartAsync(configure: builder =>
            builder.Services.Replace(ServiceDescriptor.Singleton<IImageInspector>(new Refusing())));
        var library = workbench.App.Services.GetRequiredService<IImageLibrary>();
        using var content = new MemoryStream(s_png);
        var rejected = await Assert.ThrowsAsync<ImageRejectedException>(() => library.AddAsync(content, "a.png", Cancel));
        Assert.Equal("The image is damaged.", rejected.Message);
        Assert.Null(library.Find(Convert.ToHexStringLower(SHA256.HashData(s_png))));
    }

    [Fact]
    public async Task Find_AfterRestart_KnowsTheImage()
    {
        using var data = new TempFolder();
        ImageRef added;
        await using (var first = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}"]))
        {
            using var content = new MemoryStream(s_png);
            added = await first.App.Services.GetRequiredService<IImageLibrary>().AddAsync(content, "a.png", Cancel);
        }

        await using var second = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}"]);
        Assert.Equal(added, second.App.Services.GetRequiredService<IImageLibrary>().Find(added.Sha256));
        Assert.Empty(Directory.EnumerateFiles(data.Path, "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Read_ContentChangedOnDisk_IsNull()
    {
        using var data = new TempFolder();
        await using var workbench = await TestWorkbench.StartAsync([$"--Data:Directory={data.Path}"]);
        var library = workbench.App.Services.GetRequiredService<IImageLibrary>();
        using var content = new MemoryStream(s_png);
        var image = await library.AddAsync(content, "a.png", Cancel);
        Assert.NotNull(await library.ReadAsync(image.Sha256, Cancel));
        await File.WriteAllTextAsync(Directory.EnumerateFiles(data.Path, image.Sha256, SearchOption.AllDirectories).Single(), "something else", Cancel);
        Assert.Null(await library.ReadAsync(image.Sha256, Cancel));
    }

    [Fact]
    public async Task Samples_OfTheRepository_AreKeptAndReadable()
    {
        await using var workbench = await TestWorkbench.StartAsync();
        var library = workbench.App.Services.GetRequiredService<IImageLibrary>();
        Assert.NotEmpty(library.Samples);
        foreach (var sample in library.Samples)
        {
            Assert.NotNull(await library.ReadAsync(sample.Image.Sha256, Cancel));
            Assert.NotEqual("", sample.Question);
        }
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response)
    {
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(Cancel));
        return body.RootElement.GetProperty("error").GetProperty("message").GetString()!;
    }

    private sealed class Refusing : IImageInspector
    {
        public Task<ulong?> InspectAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken) => throw new ImageRejectedException("The image is damaged.");
    }
}
