using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MuseWorkbench.E2E.Tests.Hostile;

/// <summary>What models, tools and files say is text, in every view: nothing of it runs, loads, or becomes a part of the page.</summary>
public sealed partial class HostileTextTests(BrowserFixture fixture)
{
    /// <summary>Kept by each page: what ran, and what its policy had to stop. Nothing should even try.</summary>
    private const string Watch = """
        window.hits = []; window.pwn = () => { window.hits.push('pwn'); };
        for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => { window.hits.push(name); };
        document.addEventListener('securitypolicyviolation', e => window.hits.push(`policy: ${e.violatedDirective} ${e.blockedURI}`));
        """;

    /// <summary>What only markup made of text could have put into a page.</summary>
    private const string Intruders = """
        () => {
          const own = url => !url || /^(data:image\/(png|jpeg|webp);|blob:)/.test(url) || new URL(url, document.baseURI).origin === location.origin;
          // A link of a model's is one that leaves no trace, opens elsewhere, and waits for a click.
          const link = el => el.localName === 'a' && el.target === '_blank' && el.getAttribute('rel') === 'noopener noreferrer nofollow' && /^(https?|mailto):$/.test(el.protocol);
          const found = [];
          for (const el of document.querySelectorAll('*')) {
            const name = el.localName;
            if (/^(iframe|frame|frameset|object|embed|applet|portal|form|math|foreignobject|animate|animatemotion|animatetransform|set|use|feimage|handler|discard|marquee|video|audio|source|track|area|bgsound|keygen|xmp|plaintext|image|template|slot)$/i.test(name)) found.push(name);
            if (name === 'base' && el.getAttribute('href') !== '/') found.push('base');
            if (name === 'meta' && /refresh|security/i.test(el.httpEquiv) && !location.protocol.startsWith('file')) found.push('meta');
            if (name === 'script' && el.src && !own(el.src)) found.push(el.src);
            if (name === 'svg' && el.closest('svg svg')) found.push('svg in svg');
            for (const { name: attribute, value } of el.attributes) {
              if (/^on/i.test(attribute)) found.push(`${name} ${attribute}`);
              if (/^(href|src|srcset|xlink:href|action|formaction|poster|background|data|ping)$/i.test(attribute) && !own(value) && !(attribute === 'href' && link(el))) found.push(`${name} ${attribute}=${value}`);
              if (attribute === 'style' && /url\(|expression|binding|behavior|@import/i.test(value)) found.push(`style ${value}`);
            }
            if (el.id === 'clobbered' || el.getAttribute('name')) { if (el.id === 'clobbered' || /Blazor|museTheme|document|getElementById/.test(el.name)) found.push(`#${el.id}`); }
          }
          for (const style of document.querySelectorAll('style')) if (/hostile|expression\(/.test(style.textContent)) found.push('style sheet');
          return found;
        }
        """;

    [Fact]
    public async Task Views_TwoHundredPayloads_NothingRunsLoadsOrBecomesMarkup()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.InRange(HostileRuns.Payloads.Length, 200, 400);
        await using var process = await Workbench.StartAsync("--Node:Start=false");
        await using var context = await fixture.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 } });
        context.SetDefaultTimeout(30_000);
        await context.AddInitScriptAsync(Watch);
        var watched = new Watched(context, process.Url);
        var page = await context.NewPageAsync();
        await page.GotoAsync(process.Url.ToString());

        var halves = HostileRuns.Payloads.Chunk((HostileRuns.Payloads.Length + 1) / 2).ToArray();
        List<Guid> crowded = [];
        foreach (var half in halves)
        {
            crowded.Add(await ImportAsync(HostileRuns.Crowded(half)));
        }

        foreach (var few in HostileRuns.Payloads.Chunk(16))
        {
            await Task.WhenAll(few.Select(payload => ImportAsync(HostileRuns.Single(payload))));
        }

        // The run, its replay, and the page it is exported as.
        for (var i = 0; i < halves.Length; i++)
        {
            await OpenAsync($"/runs/{crowded[i]}");
            await Expect(page.Locator("article.panel")).ToHaveCountAsync(16);
            await AssertShownAsync(page, halves[i], "article.panel .think");
            await Expect(page.Locator(".pin").First).ToBeAttachedAsync();
            await AssertHarmlessAsync(page);
            // What each agent was sent and wrote, word for word.
            foreach (var (agent, share) in HostileRuns.Share(halves[i]).Index())
            {
                await page.Locator($"article.panel[data-agent='{agent}'] [data-raw]").DispatchEventAsync("click");
                await Expect(page.Locator("dialog[data-calls][open]")).ToBeVisibleAsync();
                await AssertShownAsync(page, share, "[data-output-text]", asWritten: true);
                await AssertHarmlessAsync(page);
                await page.Locator("dialog[data-calls] [data-close]").ClickAsync();
                await Expect(page.Locator("dialog[data-calls][open]")).ToHaveCountAsync(0);
            }

            foreach (var hovered in new[] { ".cl-tag >> nth=0", ".scene .item >> nth=0", "article.panel >> nth=3" })
            {
                await page.Locator(hovered).HoverAsync(new() { Force = true });
            }

            await page.GetByRole(AriaRole.Button, new() { Name = "Order", Exact = true }).ClickAsync();
            await Expect(page.Locator(".stage .step").First).ToBeAttachedAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Replay" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Instant" }).ClickAsync();
            await AssertShownAsync(page, halves[i], "article.panel .think");
            await AssertHarmlessAsync(page);

            var file = Path.Combine(process.Data, $"hostile-{i}.html");
            await File.WriteAllBytesAsync(file, await (await context.APIRequest.GetAsync(Address($"/api/runs/{crowded[i]}/export.html"))).BodyAsync(), cancellation);
            await page.GotoAsync(new Uri(file).AbsoluteUri);
            await AssertShownAsync(page, halves[i], ".think", asWritten: true);
            await AssertHarmlessAsync(page);
        }

        await OpenAsync($"/compare/{crowded[0]}/{crowded[1]}");
        await Expect(page.Locator("article.panel")).ToHaveCountAsync(32);
        await AssertShownAsync(page, HostileRuns.Payloads, "article.panel .think");
        await AssertHarmlessAsync(page);

        // Every page of the list; texts are cut there, so the beginning has to do.
        List<string> listed = [];
        for (var number = 1; (number - 1) * 50 < HostileRuns.Payloads.Length + 2; number++)
        {
            await OpenAsync(string.Create(CultureInfo.InvariantCulture, $"/runs?page={number}"));
            await Expect(page.Locator("li.row").First).ToBeVisibleAsync();
            listed.AddRange(await page.Locator("li.row .q").AllTextContentsAsync());
            await AssertHarmlessAsync(page);
        }

        var questions = listed.Select(Bare).ToHashSet();
        Assert.All(HostileRuns.Payloads.Where(payload => payload.Length < 150 && Bare(payload).Length > 0), payload => Assert.Contains(Bare(payload), questions));

        // A team from elsewhere, in its editor and in the list of those to ask with.
        var team = HostileRuns.Team(HostileRuns.Payloads);
        var answer = await context.APIRequest.PostAsync(Address("/api/teams"), new()
        {
            DataByte = team, Headers = new Dictionary<string, string> { ["Content-Type"] = "application/json", ["Origin"] = watched.Origin },
        });
        Assert.True(answer.Status == 201, await answer.TextAsync());
        await OpenAsync($"/teams/{(await answer.JsonAsync())!.Value.GetProperty("id").GetString()}");
        await Expect(page.Locator("[data-team]")).ToHaveCountAsync(1);
        await page.WaitForFunctionAsync(
            "payloads => { const shown = [...document.querySelectorAll('textarea')].map(el => el.value).join(' ').replace(/[^\\x21-\\x7e]/g, ''); return payloads.every(payload => shown.includes(payload)); }",
            HostileRuns.Payloads.Select(Bare).ToArray());
        await AssertHarmlessAsync(page);

        // A file's own name, as it is brought: one whose content is not known here by another.
        await OpenAsync("/");
        var image = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "docs", "images", "engine-dark.png"), cancellation);
        await page.SetInputFilesAsync("#browse", new FilePayload { Name = "\"><img src=x onerror=pwn()>.png", MimeType = "image/png", Buffer = image });
        await page.Locator(".strip .thumb").HoverAsync();
        await Expect(page.GetByRole(AriaRole.Tooltip)).ToContainTextAsync("<img src=x");
        await AssertHarmlessAsync(page);

        Assert.Empty(watched.Dialogs);
        Assert.All(watched.Requests, url => Assert.True(
            url.StartsWith(watched.Origin, StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal) || url.StartsWith("file:", StringComparison.Ordinal), url));
        Assert.DoesNotContain(watched.Requests, url => url.Contains("pwn", StringComparison.OrdinalIgnoreCase) || new Uri(url).Host == HostileRuns.Host);
        Assert.Single(context.Pages);
        // The watch itself sees: markup that does get in is noticed, and its policy violated.
        await page.EvaluateAsync("() => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwn()>')");
        await page.WaitForFunctionAsync("() => window.hits.some(hit => hit.startsWith('policy'))");
        Assert.Contains("img onerror", await page.EvaluateAsync<string[]>(Intruders));
        TestContext.Current.SendDiagnosticMessage($"{HostileRuns.Payloads.Length} payloads, {watched.Requests.Count} requests, 0 violations");

        async Task<Guid> ImportAsync((Guid Id, byte[] Document) run)
        {
            await RunFile.ImportAsync(context, process.Url, run.Document);
            return run.Id;
        }

        async Task OpenAsync(string path)
        {
            var response = await page.GotoAsync(Address(path));
            var policy = (await response!.AllHeadersAsync())["content-security-policy"];
            Assert.Matches("default-src 'self'", policy);
            Assert.Matches("object-src 'none'", policy);
            Assert.Matches("base-uri 'self'", policy);
            Assert.Matches("frame-ancestors 'none'", policy);
            // Scripts are ours alone: no directive loosens what default-src says of them.
            Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-inline", policy.Replace("style-src 'self' 'unsafe-inline'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        string Address(string path) => new Uri(process.Url, path).ToString();
    }

    private static async Task AssertHarmlessAsync(IPage page)
    {
        Assert.Empty(await page.EvaluateAsync<string[]>(Intruders));
        Assert.Empty(await page.EvaluateAsync<string[]>("() => window.hits"));
        Assert.Single(page.Frames);
        Assert.False(await page.EvaluateAsync<bool>("() => getComputedStyle(document.body).display === 'none' || /hostile/.test(getComputedStyle(document.body).backgroundImage)"));
    }

    /// <summary>Each payload's words stand there, and its signs too where no Markdown is read: what is swallowed would pass every other check.</summary>
    private static async Task AssertShownAsync(IPage page, IReadOnlyList<string> payloads, string where, bool asWritten = false)
    {
        var expected = payloads.Select(payload => asWritten ? Bare(payload) : Words(payload)).ToArray();
        // Panels fill one after the other.
        await page.WaitForFunctionAsync(
            """
            ([selector, payloads, left]) => {
              const shown = [...document.querySelectorAll(selector)].map(el => el.textContent).join('').replace(new RegExp(left, 'g'), '');
              return payloads.every(payload => shown.includes(payload));
            }
            """, new object[] { where, expected, asWritten ? @"[^\x21-\x7e]" : "[^A-Za-z0-9]" });
        var shown = string.Concat(await page.Locator(where).AllTextContentsAsync());
        Assert.All(expected, payload => Assert.Contains(payload, asWritten ? Bare(shown) : Letters(shown), StringComparison.Ordinal));
    }

    // Spaces fold and control characters vanish in different ways; the rest must be as it was.
    private static string Bare(string text) => string.Concat(text.Where(c => c is > ' ' and <= '~'));

    // What Markdown leaves of a text's letters: not a list's numbers, nor the address behind a link's words.
    private static string Words(string text) => Letters(SafeLink().Replace(text, "]"));

    private static string Letters(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit));

    [GeneratedRegex(@"(?<!!\[[^\]]*)\]\((https?|mailto):[^)\s]*\)")]
    private static partial Regex SafeLink();

    /// <summary>What a context's pages asked for and opened.</summary>
    private sealed class Watched
    {
        public Watched(IBrowserContext context, Uri url)
        {
            Origin = url.GetLeftPart(UriPartial.Authority);
            context.Request += (_, request) => Requests.Add(request.Url);
            context.Dialog += (_, dialog) => Dialogs.Add(dialog.Message);
        }

        public string Origin { get; }
        public List<string> Requests { get; } = [];
        public List<string> Dialogs { get; } = [];
    }
}
