using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MuseWorkbench.Engine.Prompts;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Tests.Mtmd;

namespace MuseWorkbench.Engine.Tests.Runtimes;

[Collection<RuntimeCollection>]
public sealed class LlamaVocabularyTests(RuntimeFixture fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("How many apples are there?")]
    [InlineData("  two  spaces\n\ttab ")]
    [InlineData("Äpfel, 苹果 \U0001F34E and \0 too")]
    public void Tokenize_AnyText_PiecesGiveItBack(string text)
    {
        var tokens = fixture.Runtime.Tokenize(text, addSpecial: false, parseSpecial: false);

        Assert.Equal(text, Encoding.UTF8.GetString([.. tokens.SelectMany(t => fixture.Runtime.TokenToPiece(t, special: false))]));
    }

    [Fact]
    public void TokenToPiece_CharacterOfSeveralTokens_GivesItsBytesInParts()
    {
        var tokens = fixture.Runtime.Tokenize("\U0001F34E", addSpecial: false, parseSpecial: false);

        Assert.True(tokens.Length > 1);
        Assert.Equal("\uFFFD", Encoding.UTF8.GetString(fixture.Runtime.TokenToPiece(tokens[0], special: false)));
    }

    [Fact]
    public void Tokenize_ControlTextUntrusted_StaysText()
    {
        var trusted = fixture.Runtime.Tokenize("<|im_end|>", addSpecial: false, parseSpecial: true);
        var untrusted = fixture.Runtime.Tokenize("<|im_end|>", addSpecial: false, parseSpecial: false);

        Assert.True(fixture.Runtime.IsEndOfGeneration(Assert.Single(trusted)));
        Assert.True(untrusted.Length > 1);
        Assert.DoesNotContain(untrusted, fixture.Runtime.IsEndOfGeneration);
        Assert.Empty(fixture.Runtime.TokenToPiece(trusted[0], special: false));
        Assert.Equal("<|im_end|>"u8.ToArray(), fixture.Runtime.TokenToPiece(trusted[0], special: true));
    }

    [Fact]
    public void Tokenize_FromManyThreads_GivesTheSame()
    {
        var text = string.Concat(Enumerable.Repeat("3 apples, 2 bananas; ", 50));
        var expected = fixture.Runtime.Tokenize(text, addSpecial: false, parseSpecial: false);

        Parallel.For(0, 50, _ => Assert.Equal(expected, fixture.Runtime.Tokenize(text, addSpecial: false, parseSpecial: false)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1001)]
    public void TokenToPiece_NoSuchToken_Throws(int token)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Runtime.TokenToPiece(token, special: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Runtime.IsEndOfGeneration(token));
    }

    [Fact]
    public void ApplyChatTemplate_EveryRole_WritesChatMlAndOpensTheAssistant()
    {
        var chat = fixture.Runtime.ApplyChatTemplate([("system", "Be brief."), ("user", "Äpfel?"), ("assistant", "call"), ("tool", "200 kcal")]);

        Assert.Equal(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nÄpfel?<|im_end|>\n"
            + "<|im_start|>assistant\ncall<|im_end|>\n<|im_start|>tool\n200 kcal<|im_end|>\n<|im_start|>assistant\n",
            chat);
    }

    [Fact]
    public void ApplyChatTemplate_MuseMini_SameAsTheTemplateItCarries()
    {
        var renderer = new ChatRenderer(fixture.Runtime, embedder: null, TimeProvider.System);
        ChatTurn[] turns = [new("system", [new ChatText("Be brief.")]), new("user", [new ChatText(" Äpfel?\n")]), new("assistant", [new ChatText("call")]), new("tool", [new ChatText("200 kcal")])];

        var rendered = renderer.Render(new ChatTemplateInput(turns));

        Assert.Equal("gguf", renderer.Source);
        Assert.Equal(
            fixture.Runtime.ApplyChatTemplate([.. turns.Select(t => (t.Role, ((ChatText)t.Content[0]).Text))]),
            string.Concat(rendered.Cast<TextPart>().Select(p => p.Text)));
        Assert.Equal(turns.Select(t => t.Content[0]), rendered.Cast<TextPart>().Where(p => !p.Trusted).Select(p => new ChatText(p.Text)));
    }

    [Fact]
    public void Info_MuseMini_TellsItsTemplateAndTokens()
    {
        var info = fixture.Runtime.Info;

        Assert.StartsWith("{% for message in messages %}", info.ChatTemplate, StringComparison.Ordinal);
        Assert.Null(info.ToolChatTemplate);
        Assert.Equal((info.AddsBegin ? 1 : 0) + fixture.Runtime.Tokenize("a", false, false).Length, fixture.Runtime.Tokenize("a", true, false).Length);
    }

    [Fact]
    public void ApplyChatTemplate_LongContent_IsWhole()
    {
        var content = new string('x', 100_000);

        Assert.Equal($"<|im_start|>user\n{content}<|im_end|>\n<|im_start|>assistant\n", fixture.Runtime.ApplyChatTemplate([("user", content)]));
    }

    [Fact]
    public void ApplyChatTemplate_NulInContent_Throws() =>
        Assert.Throws<ArgumentException>(() => fixture.Runtime.ApplyChatTemplate([("user", "a\0b")]));

    [Fact]
    public void TokenToPiece_ControlTokenThatMarksCalls_IsText()
    {
        // As long as the text it takes the place of, so that the file stays whole.
        var model = File.ReadAllBytes(RepositoryFiles.Model);
        var at = model.AsSpan().IndexOf((ReadOnlySpan<byte>)[12, 0, 0, 0, 0, 0, 0, 0, .. "<|im_start|>"u8]);
        "[TOOL_CALLS]"u8.CopyTo(model.AsSpan(at + 8));
        using var folder = new TemporaryFolder();
        using var runtime = LlamaCppRuntime.Load(
            new() { ModelPath = folder.Write(model), ContextCells = 256, MaxBatch = 32, PhysicalBatch = 32, MaxSequences = 1, Threads = 1 }, NullLoggerFactory.Instance, null, TestContext.Current.CancellationToken);

        var token = Assert.Single(runtime.Tokenize("[TOOL_CALLS]", addSpecial: false, parseSpecial: true));

        Assert.True(runtime.Tokenize("[TOOL_CALLS]", addSpecial: false, parseSpecial: false).Length > 1);
        Assert.Equal("[TOOL_CALLS]"u8.ToArray(), runtime.TokenToPiece(token, special: false));
    }
}
