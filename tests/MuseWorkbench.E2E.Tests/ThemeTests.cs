using System.Text.Json;
using Microsoft.Playwright;

namespace MuseWorkbench.E2E.Tests;

public sealed class ThemeTests(BrowserFixture fixture)
{
    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task LibraryPart_EitherTheme_LooksLikeOurs(ColorScheme theme)
    {
        await using var process = await Workbench.StartAsync();
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, process, new() { ColorScheme = theme });

        var look = await workbench.Page.EvaluateAsync<JsonElement>("""
            () => {
              const bar = document.createElement('div');
              bar.className = 'rz-progressbar rz-progressbar-determinate rz-progressbar-primary';
              bar.innerHTML = '<div class="rz-progressbar-value"></div>';
              const ours = document.createElement('button');
              ours.className = 'btn go';
              document.body.append(bar, ours);
              const style = element => getComputedStyle(element);
              return {
                position: style(bar).position,
                height: style(bar).height,
                colour: style(bar.firstChild).backgroundColor,
                accent: style(ours).backgroundColor,
                font: style(document.body).fontFamily,
                size: style(ours).fontSize,
              };
            }
            """);

        string? Value(string name) => look.GetProperty(name).GetString();
        // The library's rules are there, with our sizes and colours, and change nothing of ours.
        Assert.Equal("relative", Value("position"));
        Assert.Equal("5px", Value("height"));
        Assert.Equal(Value("accent"), Value("colour"));
        Assert.StartsWith("Inter", Value("font"), StringComparison.Ordinal);
        Assert.Equal("13px", Value("size"));
    }
}
