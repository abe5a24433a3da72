using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Requests;

namespace MuseWorkbench.Engine.Tests.Images;

public sealed class OverlayRendererTests
{
    private const int Side = 40;

    [Fact]
    public void Render_Drawing_LiesOverTheImageWhichStays()
    {
        using var decoder = new VipsImageDecoder();
        var png = OverlayRenderer.Render(Green(), $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Side}" height="{Side}"><rect x="10" y="10" width="10" height="10" fill="#ff0000"/></svg>""");

        var painted = decoder.Decode(png);

        Assert.Equal((Side, Side), (painted.Width, painted.Height));
        Assert.Equal((255, 0, 0), At(painted, 15, 15));
        Assert.Equal((0, 128, 0), At(painted, 30, 30));
    }

    [Fact]
    public void Render_DrawingThatReachesOut_LoadsNothing()
    {
        using var decoder = new VipsImageDecoder();
        var file = Path.Combine(AppContext.BaseDirectory, $"{Guid.NewGuid():N}.png");
        File.WriteAllBytes(file, OverlayRenderer.Render(Green(), Empty));
        try
        {
            var svg = $"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{Side}" height="{Side}"><rect width="{Side}" height="{Side}" fill="#0000ff"/><image xlink:href="file://{file}" href="file://{file}" width="{Side}" height="{Side}"/></svg>""";
            Assert.Equal((0, 0, 255), At(decoder.Decode(OverlayRenderer.Render(Green(), svg)), 20, 20));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no drawing")]
    [InlineData("<svg")]
    [InlineData("""<svg xmlns="http://www.w3.org/2000/svg" width="41" height="40"/>""")]
    [InlineData("""<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><svg xmlns="http://www.w3.org/2000/svg" width="41" height="40"><text>&c;</text></svg>""")]
    public void Render_NoDrawingOfTheImage_Rejected(string svg) =>
        Assert.Throws<RequestRejectedException>(() => OverlayRenderer.Render(Green(), svg));

    [Fact]
    public void Decode_Drawing_IsStillNoImage()
    {
        using var decoder = new VipsImageDecoder();
        OverlayRenderer.Render(Green(), Empty);

        Assert.Throws<RequestRejectedException>(() => decoder.Decode(System.Text.Encoding.UTF8.GetBytes(Empty)));
    }

    private static string Empty => $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Side}" height="{Side}"/>""";

    private static RgbImage Green()
    {
        var pixels = new byte[Side * Side * 3];
        for (var i = 1; i < pixels.Length; i += 3)
        {
            pixels[i] = 128;
        }

        return new(Side, Side, pixels, "green");
    }

    private static (int R, int G, int B) At(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * 3;
        return (image.Pixels.Span[at], image.Pixels.Span[at + 1], image.Pixels.Span[at + 2]);
    }
}
