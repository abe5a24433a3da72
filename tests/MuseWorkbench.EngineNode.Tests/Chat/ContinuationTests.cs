using System.Net;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Chat;

public sealed class ContinuationTests
{
    private const string Begun = """[{"role":"user","content":"How many?"},{"role":"assistant","content":"<think>I see 3"}]""";

    [Fact]
    public async Task Continue_BegunAnswer_StandsBehindTheOpenedTurnAsText()
    {
        await using var node = await TestNode.StartAsync();

        using var response = await SendAsync(node, Begun, "\"continue_final_message\":true,\"add_generation_prompt\":false");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var chat = Assert.Single(node.Engine.Chats);
        Assert.Equal((1, true), (chat.Turns.Count, chat.AddGenerationPrompt));
        Assert.Equal(new TextPart("<think>I see 3", Trusted: false), Assert.Single(node.Engine.Requests).Prompt[^1]);
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"How many?"}]""", "\"continue_final_message\":true")]
    [InlineData("""[{"role":"assistant","content":"I see"}]""", "\"continue_final_message\":true")]
    [InlineData(Begun, "\"continue_final_message\":true,\"add_generation_prompt\":true")]
    [InlineData(Begun, "\"add_generation_prompt\":false")]
    public async Task Continue_NothingToGoOnWith_IsRefused(string messages, string more)
    {
        await using var node = await TestNode.StartAsync();

        using var response = await SendAsync(node, messages, more);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(node.Engine.Requests);
    }

    [Fact]
    public async Task ReturnPrompt_WithImage_ToldOnceWithItsPlaceMarked()
    {
        await using var node = await TestNode.StartAsync();
        var image = Convert.ToBase64String(FakeEngine.Png);
        var messages = $$$"""[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{image}}}"}},{"type":"text","text":"How many?"}]}]""";

        using var streamed = await SendAsync(node, messages, "\"stream\":true,\"return_prompt\":true");
        using var whole = await SendAsync(node, messages, "\"return_prompt\":true");
        using var silent = await SendAsync(node, messages, "\"stream\":false");

        Assert.Equal("<__media__>How many?", (string)Assert.Single(await streamed.ChunksAsync(), chunk => chunk.ContainsKey("prompt"))["prompt"]!);
        Assert.Equal("<__media__>How many?", (string)(await whole.JsonAsync())["prompt"]!);
        Assert.False((await silent.JsonAsync()).AsObject().ContainsKey("prompt"));
    }

    private static Task<HttpResponseMessage> SendAsync(TestNode node, string messages, string more) =>
        node.ChatAsync($$"""{"messages":{{messages}},{{more}}}""");
}
