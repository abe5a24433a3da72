using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class LlamaChatTemplatesTests
{
    public LlamaChatTemplatesTests() => LlamaNatives.EnsureLoaded(null);

    /// <summary>By the marks that llama.cpp looks for.</summary>
    [Theory]
    [InlineData("{% if %}<|im_start|>", "chatml")]
    [InlineData("{% if %}<start_of_turn>", "gemma")]
    [InlineData("{% if %}<|start_header_id|>x<|end_header_id|>", "llama3")]
    [InlineData("{% if %}<|header_start|>x<|header_end|>", "llama4")]
    [InlineData("mistral-v7-tekken", "mistral-v7-tekken")]
    [InlineData("{% if %}", null)]
    public void FindName_Template_IsTheOneOfTheList(string template, string? name) => Assert.Equal(name, LlamaChatTemplates.FindName(template));

    [Fact]
    public void Apply_Probe_TellsTheListApartButForGranitesToolCalls()
    {
        var alike = LlamaChatTemplates.Names().GroupBy(name => LlamaChatTemplates.Apply(name, LlamaChatTemplates.Probe)).Where(group => group.Count() > 1);

        Assert.Equal("granite granite-4.0 granite-4.1", string.Join("; ", alike.Select(group => string.Join(' ', group))));
    }
}
