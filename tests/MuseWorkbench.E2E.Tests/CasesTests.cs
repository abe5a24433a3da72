using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests;

/// <summary>Cases from a file to versions and back, and from a run.</summary>
public sealed class CasesTests(BrowserFixture fixture) : IAsyncLifetime
{
    private Workbench _workbench = null!;

    public async ValueTask InitializeAsync() => _workbench = await Workbench.StartAsync();

    public ValueTask DisposeAsync() => _workbench.DisposeAsync();

    [Fact]
    public async Task Dataset_ImportedMarkedEditedPublished_ComesBackWhole()
    {
        var page = (await WorkbenchPage.OpenAsync(fixture.Browser, _workbench)).Page;
        await page.Keyboard.PressAsync("Escape");
        await page.EvaluateAsync("document.activeElement?.blur()");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("c");
        await Expect(page.GetByText("No cases yet")).ToBeVisibleAsync();
        await ImportAsync(page, HeldOut());
        await Expect(page.Locator("[data-summary]")).ToContainTextAsync("320 added");
        await page.Locator("[data-show-imported]").ClickAsync();
        await Expect(page.Locator("[data-total]")).ToHaveTextAsync("320 cases");

        // Walked by keys, filtered, a range selected, marked.
        await page.GetByLabel("Tag", new() { Exact = true }).SelectOptionAsync("ability:chart");
        await Expect(page.Locator("[data-total]")).ToHaveTextAsync("80 cases");
        await Expect(page).ToHaveURLAsync(new Regex("tag=ability"));
        await page.Locator("h1").ClickAsync();
        await WorkbenchPage.ListensAsync(page, "cases");
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("[data-index='0'] a")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("x");
        await Expect(page.Locator("[data-selected]")).ToHaveTextAsync("1 selected");
        await page.Locator("[data-index='4'] input").ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(page.Locator("[data-selected]")).ToHaveTextAsync("5 selected");
        await page.Locator("[data-select-all]").ClickAsync();
        await page.Locator("[data-word]").FillAsync("looked at");
        await page.Locator("[data-apply]").ClickAsync();
        await Expect(page.GetByText("80 cases changed.")).ToBeAttachedAsync();
        await page.Locator("[data-clear-selection]").ClickAsync();
        await page.Locator("[data-clear]").ClickAsync();
        await Expect(page.Locator("[data-total]")).ToHaveTextAsync("320 cases");

        await page.Locator("[data-publish]").ClickAsync();
        await page.Locator("#publish-note").FillAsync("As imported");
        await page.Locator("[data-publish-sure]").ClickAsync();
        await Expect(page.GetByText("as v1, nothing to publish")).ToBeVisibleAsync();

        await DrawABoxAsync(page);

        await page.Locator("[data-back]").ClickAsync();
        await page.Locator("[data-compare]").ClickAsync();
        await Expect(page.Locator("[data-changed] .chip")).ToHaveTextAsync(["regions"]);
        await page.GoBackAsync();

        // Out and in again: nothing new.
        await page.Locator("[data-export]").ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("[data-format='muse-bundle']").ClickAsync());
        var file = Path.Combine(_workbench.Data, "again.zip");
        await download.SaveAsAsync(file);
        await page.Keyboard.PressAsync("Escape");
        await ImportAsync(page, file);
        await Expect(page.Locator("[data-summary]")).ToContainTextAsync("0 added · 0 changed · 320 unchanged");
    }

    [Fact]
    public async Task Run_KeptAsCase_OpensAndIsAskedAgain()
    {
        var workbench = await WorkbenchPage.OpenAsync(fixture.Browser, _workbench);
        var page = workbench.Page;
        await workbench.RunSampleAsync();
        await workbench.WaitForEndAsync();
        var question = await page.Locator("#prompt").InputValueAsync();
        await page.Locator(".final [data-keep-case]").ClickAsync();
        await page.Locator("#keep-name").FillAsync("From runs");
        await page.Locator("#keep-expected").FillAsync("3");
        await page.Locator("[data-keep-sure]").ClickAsync();
        await page.Locator("[data-open-case]").ClickAsync();

        await Expect(page.Locator("#case-prompt")).ToHaveValueAsync(question);
        await Expect(page.Locator("#case-expected")).ToHaveValueAsync("3");
        await page.Locator("[data-try]").ClickAsync();
        await Expect(page.Locator("#prompt")).ToHaveValueAsync(question);
        await Expect(page.Locator(".strip .thumb")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Editor_Unsaved_IsGuardedAndSavedByKeys()
    {
        var page = (await WorkbenchPage.OpenAsync(fixture.Browser, _workbench)).Page;
        await page.GotoAsync(new Uri(_workbench.Url, "/cases").ToString());
        await page.Locator("[data-new]").ClickAsync();
        await page.Locator("#dataset-name").FillAsync("Mine");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("[data-new-case]").ClickAsync();
        await page.SetInputFilesAsync("#browse", Repository.Sample("scene-02.png"));
        await Expect(page.Locator("[data-boxes] img")).ToBeVisibleAsync();
        await page.Locator("#case-prompt").FillAsync("What is on the table?");
        await page.Locator("[data-back]").ClickAsync();
        await Expect(page.Locator("[data-save-leave]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#case-prompt")).ToHaveValueAsync("What is on the table?");
        await page.Locator("#case-prompt").FocusAsync();
        await WorkbenchPage.ListensAsync(page, "case");
        await page.Keyboard.PressAsync("Control+s");

        await Expect(page).ToHaveURLAsync(new Regex("/case\\?id=case-"));
        await Expect(page.Locator("[data-unsaved]")).ToHaveCountAsync(0);
        await page.Locator("[data-back]").ClickAsync();
        await Expect(page.Locator("[data-total]")).ToHaveTextAsync("1 case");
    }

    /// <summary>Opens the first case, draws on its image, moves the box by keys, saves.</summary>
    private static async Task DrawABoxAsync(IPage page)
    {
        await page.Locator("[data-index='0'] a").ClickAsync();
        var frame = page.Locator("[data-boxes][data-attached]");
        await Expect(frame).ToBeVisibleAsync();
        var before = await page.Locator("[data-region]").CountAsync();
        var box = (await frame.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * .02f), box.Y + (box.Height * .02f));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * .06f), box.Y + (box.Height * .06f), new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Expect(page.Locator("[data-region]")).ToHaveCountAsync(before + 1);
        await Expect(page.Locator($"#place-{before}-label")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("drawn");
        var drawn = page.Locator($"[data-region='{before}']");
        await Expect(drawn).ToHaveAttributeAsync("aria-label", new Regex("drawn"));
        var was = await drawn.GetAttributeAsync("aria-label");
        await drawn.FocusAsync();
        await page.Keyboard.PressAsync("Control+ArrowRight");
        await Expect(drawn).Not.ToHaveAttributeAsync("aria-label", was!);
        await page.Locator("[data-save]").ClickAsync();
        await Expect(page.Locator("[data-unsaved]")).ToHaveCountAsync(0);
    }

    private static async Task ImportAsync(IPage page, string file)
    {
        await page.Locator("[data-import-cases]").First.ClickAsync();
        await Expect(page.Locator("[data-drop]")).ToBeVisibleAsync();
        await page.SetInputFilesAsync("[data-file]", file);
        await page.Locator("[data-import]").ClickAsync(new() { Timeout = WorkbenchPage.RunLimit });
        var decided = page.Locator("[data-decided]");
        await Expect(decided.Or(page.Locator("[data-outcome]"))).ToBeVisibleAsync(new() { Timeout = 2 * WorkbenchPage.RunLimit });
        if (await decided.IsVisibleAsync())
        {
            await decided.ClickAsync();
        }

        await Expect(page.Locator("[data-outcome='kept']")).ToBeVisibleAsync(new() { Timeout = 2 * WorkbenchPage.RunLimit });
    }

    /// <summary>The bundled held-out scenes as an archive.</summary>
    private string HeldOut()
    {
        var file = Path.Combine(_workbench.Data, "held-out.zip");
        ZipFile.CreateFromDirectory(Path.Combine(Repository.Root, "models", "held-out"), file);
        return file;
    }
}
