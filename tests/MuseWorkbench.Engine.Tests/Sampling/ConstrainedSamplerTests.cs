using System.Text;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Tests.Sampling;

public sealed class ConstrainedSamplerTests
{
    private static readonly string[] s_tokens = ["<end>", "<control>", "a", "ab", "b", "<", "think>", "</think>", "\n", "<call>a", "c"];
    private static readonly VocabularyPieces s_pieces = new(
        s_tokens.Length, token => token < 2 ? [] : Encoding.UTF8.GetBytes(s_tokens[token]), token => token == 0);

    [Fact]
    public void Sample_LikeliestDoesNotFit_DrawsTheLikeliestThatDoes()
    {
        using var sampler = Create("root ::= \"ab\" \"c\"");

        Assert.Equal(["ab", "c", "<end>"], Draw(sampler, ["b", "ab", "a"], ["b", "c"], ["c", "<control>", "<end>"]));
    }

    [Fact]
    public void Sample_TokensOfPartsOfALiteral_AreEnough()
    {
        using var sampler = Create("root ::= \"abc\"");

        Assert.Equal(["a", "b", "c", "<end>"], Draw(sampler, ["a"], ["b"], ["c"], ["a"]));
    }

    [Fact]
    public void Sample_OutputOpensWithReasoning_HoldsTheAnswerOnly()
    {
        using var sampler = Create("root ::= \"a\"");

        Assert.Equal(
            ["<", "think>", "b", "c", "</think>", "\n", "a", "<end>"],
            Draw(sampler, ["<"], ["think>"], ["b"], ["<end>", "c"], ["</think>"], ["\n"], ["b", "a"], ["<end>"]));
    }

    [Fact]
    public void Sample_PromptHasOpenedReasoning_HoldsTheAnswerOnly()
    {
        using var sampler = Create("root ::= \"a\"", inReasoning: true);

        Assert.Equal(["b", "</think>", "a"], Draw(sampler, ["b"], ["</think>"], ["b", "a"]));
    }

    [Fact]
    public void Sample_BeforeTheTrigger_IsFree()
    {
        using var sampler = Create("root ::= \"<call>ab\"", trigger: "<call>");

        Assert.Equal(["c", "b", "<call>a", "b", "<end>"], Draw(sampler, ["c"], ["b"], ["<call>a"], ["c", "b"], ["c", "<end>"]));
    }

    [Fact]
    public void Sample_TriggerTokenWithATailThatDoesNotFit_IsNotDrawn()
    {
        using var sampler = Create("root ::= \"<call>b\"", trigger: "<call>");

        Assert.Equal(["c"], Draw(sampler, ["<call>a", "c"]));
    }

    [Fact]
    public void Sample_PromptTokens_NeverReachTheGrammar()
    {
        using var sampler = Create("root ::= \"a\"");
        sampler.Accept(Array.IndexOf(s_tokens, "c"));

        Assert.Equal(["a"], Draw(sampler, ["a"]));
    }

    [Fact]
    public void Sample_NoTokenFits_IsTheRequestsFault()
    {
        using var sampler = Create("root ::= \"bxyz\"");
        Draw(sampler, ["b"]);

        Assert.Equal("grammar", Assert.Throws<RequestRejectedException>(() => sampler.Sample(Logits(["a"]))).Parameter);
    }

    [Fact]
    public void Mask_EveryToken_AsTheStateSaysOneByOne()
    {
        var state = ConstraintState.Start(new OutputConstraint(Grammar.Parse("root ::= \"a\" \"b\"* | \"<\" [a-z]")));
        var logits = new float[s_tokens.Length];

        Assert.True(s_pieces.Mask(state, logits));

        for (var token = 2; token < s_tokens.Length; token++)
        {
            Assert.Equal(s_pieces.Advance(state, token) is not null, float.IsFinite(logits[token]));
        }
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity], logits[..2]);
    }

    private static ConstrainedSampler Create(string grammar, string? trigger = null, bool inReasoning = false) =>
        new(new GreedySampler(), new(Grammar.Parse(grammar)) { Trigger = trigger, InReasoning = inReasoning }, s_pieces);

    private static string[] Draw(ConstrainedSampler sampler, params string[][] likeliest) => [.. likeliest.Select(l => s_tokens[sampler.Sample(Logits(l))])];

    /// <summary>The tokens named, likeliest first; all others alike.</summary>
    private static float[] Logits(string[] likeliest) =>
        [.. s_tokens.Select(t => Array.IndexOf(likeliest, t) is var place and >= 0 ? 10f - place : 0f)];
}
