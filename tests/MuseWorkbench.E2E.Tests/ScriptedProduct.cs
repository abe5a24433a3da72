using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using MuseWorkbench.Engine.Tests.Images;
using MuseWorkbench.Web.Tests.Pool;

namespace MuseWorkbench.E2E.Tests;

/// <summary>
/// The real product with scripted servers in its pool, on one of which every agent sits: what is sent there, what becomes of
/// its words and what its tools give back is the product's own doing. Pictures are made by the product's engine.
/// </summary>
public sealed class ScriptedProduct : IAsyncLifetime
{
    /// <summary>Models whose names say how they write places.</summary>
    public const string Qwen = "qwen3-vl-scripted", Molmo = "molmo2-scripted";

    private readonly Dictionary<string, ScriptedServer> _servers = [];
    private HttpClient _client = null!;
    private Func<JsonArray, JsonObject> _script = null!;

    /// <summary>Of the picture asked about.</summary>
    public const int Width = 200;

    /// <inheritdoc cref="Width"/>
    public const int Height = 100;

    internal Workbench Workbench { get; private set; } = null!;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var model in (string[])[Qwen, Molmo])
        {
            _servers[model] = await ScriptedServer.StartAsync(model: model, script: request => _script(request["messages"]!.AsArray()));
        }

        Workbench = await Workbench.StartAsync([.. _servers.SelectMany((server, index) => (string[])[$"--Pool:Members:{index}:Name={server.Key}", $"--Pool:Members:{index}:Url={server.Value.Url}"])]);
        _client = Workbench.NewClient();
        await Workbench.UntilPoolIsReadyAsync(_client, Test);
    }

    /// <summary>Asks one agent that may call a tool, about a picture and a table.</summary>
    /// <param name="model">Whose server it sits on.</param>
    /// <param name="tool">What it may call.</param>
    /// <param name="script">What is said to a conversation.</param>
    /// <returns>The run, its events to the end, and what the server was sent.</returns>
    internal async Task<ScriptedRun> RunAsync(string model, string tool, Func<JsonArray, JsonObject> script)
    {
        _script = script;
        _servers[model].Requests.Clear();
        using var upload = await _client.PostAsync("/images?name=square.png", new ByteArrayContent(Picture()), Test);
        var request = new JsonObject
        {
            ["prompt"] = "What is it?",
            ["images"] = new JsonArray(await upload.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>(Test)),
            ["tables"] = new JsonArray(new JsonObject { ["name"] = "prices.csv", ["csv"] = "Name,Price\negg,0.30\ntomato,0.45\n" }),
            ["team"] = new JsonObject
            {
                ["name"] = "One",
                ["agents"] = new JsonArray(new JsonObject
                {
                    ["name"] = "Reader", ["model"] = model, ["tools"] = new JsonArray(tool),
                    ["sampling"] = new JsonObject { ["temperature"] = 1 }, ["maxTokens"] = 500,
                }),
            },
        };
        using var started = await _client.PostAsJsonAsync("/api/runs", request, Test);
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync(Test));
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>(Test)).GetProperty("runId").GetString()!;
        var events = await Workbench.FollowAsync(_client, id, Test);
        return new ScriptedRun(id, events, [.. _servers[model].Requests]);
    }

    /// <summary>A square of 40 by 40 pixels, 40 from the left and 20 from the top, in one colour on another.</summary>
    private static byte[] Picture()
    {
        var pixels = new byte[Width * Height * 3];
        for (var at = 0; at < pixels.Length; at += 3)
        {
            var (x, y) = (at / 3 % Width, at / 3 / Width);
            ReadOnlySpan<byte> colour = x is >= 40 and < 80 && y is >= 20 and < 60 ? [201, 103, 51] : [20, 40, 60];
            colour.CopyTo(pixels.AsSpan(at));
        }

        return PngWriter.Write(Width, Height, pixels);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Workbench.DisposeAsync();
        foreach (var server in _servers.Values)
        {
            await server.DisposeAsync();
        }
    }
}

/// <summary>A run that is over.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Events">All it kept.</param>
/// <param name="Requests">What the agent's server was sent, turn by turn.</param>
internal sealed record ScriptedRun(string Id, IReadOnlyList<JsonNode> Events, IReadOnlyList<JsonObject> Requests)
{
    public IReadOnlyList<JsonNode> Of(string type) => [.. Events.Where(e => e["type"]!.GetValue<string>() == type)];

    /// <summary>The agent's last word.</summary>
    public string Answer => Assert.Single(Of("agent.finished"))["answer"]!.GetValue<string>();

    /// <summary>What the agent's latest call gave back, as its server was told.</summary>
    public static string? ResultIn(JsonArray messages) =>
        messages.LastOrDefault(message => message!["role"]!.GetValue<string>() == "tool")?["content"]!.GetValue<string>();

    /// <summary>A turn that says something.</summary>
    public static JsonObject Say(string text) => new() { ["role"] = "assistant", ["content"] = text };

    /// <summary>A turn that calls a tool: in the server's own field for calls, or in the model's text.</summary>
    public static JsonObject Call(string tool, string arguments, string said = "", bool inText = false)
    {
        if (inText)
            return Say($$"""{{said}}<tool_call>{"name":"{{tool}}","arguments":{{arguments}}}</tool_call>""");
        var turn = Say(said);
        var function = new JsonObject { ["name"] = tool, ["arguments"] = arguments };
        turn["tool_calls"] = new JsonArray(new JsonObject { ["index"] = 0, ["id"] = $"call-{Guid.NewGuid():N}", ["type"] = "function", ["function"] = function });
        return turn;
    }
}
