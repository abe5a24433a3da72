using System.Text;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Tests.Sampling.Grammars;

public sealed class GrammarTests
{
    [Theory]
    [InlineData("root ::= \"a\" [0-9]+ # comment\n", "a07", "a", "b1", "a1x")]
    [InlineData("root ::= (\"x\" |\n \"y\")* end\nend ::= \"!\"?", "xyx!", "z", "x!!", "!x")]
    [InlineData("root ::= [^a-c]{2,3}", "xyz", "x", "xaz", "wxyz")]
    [InlineData("root ::= \"ab\"{2}", "abab", "ab", "aba", "ababab")]
    [InlineData("root ::= \"(\" root \")\" | \"\"", "((()))", "(()", "())", ")")]
    [InlineData("root ::= . [é-ü] \"\\u4e2d\" [\\]\\\\]", "…ö中]", "…o中]", "…ö文]", "…ö中[")]
    [InlineData("root ::= \"a\"{0} \"\"* \"b\"", "b", "ab", "a", "bb")]
    public void Takes_Texts_OnlyWhatTheGrammarSays(string grammar, string good, params string[] bad)
    {
        var parsed = Grammar.Parse(grammar);

        Assert.True(parsed.Takes(good));
        Assert.All(bad, text => Assert.False(parsed.Takes(text), text));
    }

    [Theory]
    [InlineData("", "no rule 'root'")]
    [InlineData("answer ::= \"a\"", "no rule 'root'")]
    [InlineData("root ::= \"a\"\n\nroot ::= \"b\"", "Line 3: the rule 'root' is defined twice")]
    [InlineData("root ::= a\na ::= b", "Line 2: the rule 'b' is not defined")]
    [InlineData("root ::= \"a", "Line 1: a text is not closed")]
    [InlineData("root ::= [a", "Line 1: a set is not closed")]
    [InlineData("root ::= [z-a]", "Line 1: a range runs backwards")]
    [InlineData("root ::= []", "Line 1: a set has no character")]
    [InlineData("root ::= (\"a\"\n", "Line 2: the group begun in line 1 is not closed")]
    [InlineData("root ::= \"a\")", "Line 1: ')' can't stand here")]
    [InlineData("root = \"a\"", "Line 1: '::=' is expected")]
    [InlineData("root ::= \"\\q\"", "Line 1: an escape must be")]
    [InlineData("root ::= \"\\U7fffffff\"", "Line 1: an escape must be")]
    [InlineData("root ::= \"a\\", "Line 1: an escape must be")]
    [InlineData("root ::= * \"a\"", "Line 1: '*' has nothing before it")]
    [InlineData("root ::= \"a\"{0,100000}", "Line 1: a repetition's bounds")]
    [InlineData("root ::= \"a\"{99999999999999999999}", "Line 1: a repetition's bounds")]
    [InlineData("root ::= \"a\"{3,2}", "Line 1: a repetition of at least 3")]
    [InlineData("root ::= \"a\"{1;2}", "Line 1: a repetition must be")]
    [InlineData("root ::= <[10]>", "Line 1: tokens such as")]
    [InlineData("root ::= root \"a\" | \"a\"", "left recursion")]
    [InlineData("root ::= a\na ::= \"\" b\nb ::= \"x\"? a", "left recursion")]
    [InlineData("root ::= (\"\")* root", "left recursion")]
    [InlineData("root ::= \"a\" root", "never completes|no text ever completes")]
    [InlineData("root ::= \"\u0001\" $", "Line 1: '$' can't stand here")]
    public void Parse_Malformed_SaysWhatAndWhere(string grammar, string expected)
    {
        var fault = Assert.Throws<GrammarException>(() => Grammar.Parse(grammar));

        Assert.Contains(expected.Split('|'), part => fault.Message.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_Hostile_IsRefusedQuickly()
    {
        Assert.Throws<GrammarException>(() => Grammar.Parse("root ::= " + new string('(', 30_000) + "\"a\"" + new string(')', 30_000)));
        Assert.Throws<GrammarException>(() => Grammar.Parse("root ::= \"" + new string('a', Grammar.MaxBytes) + '"'));
        Assert.Throws<GrammarException>(() => Grammar.Parse("root ::= ((((\"a\"{1000}){1000}){1000}){1000}){1000} " + string.Concat(Enumerable.Repeat("\"b\"{4096} ", 200))));
        // 2^40 beginnings at once.
        var rules = string.Concat(Enumerable.Range(0, 40).Select(i => $"r{i} ::= r{i + 1} | r{i + 1} \"b\"\n"));
        Assert.Contains("ways", Assert.Throws<GrammarException>(() => Grammar.Parse($"root ::= r0\n{rules}r40 ::= \"a\"")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Advance_AmbiguousWithoutBound_EndsInAFault()
    {
        var state = Grammar.Parse("root ::= \"a\" root x | \"a\" root y | \"a\"\nx ::= \"b\"\ny ::= \"b\"").Start;

        Assert.Throws<GrammarAmbiguousException>(() =>
        {
            for (var i = 0; i < 64; i++)
            {
                state = state.Advance((byte)'a')!;
            }
        });
    }

    [Fact]
    public void Advance_PartsOfACharacter_FitWhereSomeCharacterDoes()
    {
        var grammar = Grammar.Parse("root ::= [à-ü]");

        Assert.NotNull(grammar.Reads(0xC3));
        Assert.True(grammar.Reads(Encoding.UTF8.GetBytes("é"))!.IsComplete);
        Assert.Null(grammar.Reads(0xC4)); // Ā and on
        Assert.Null(grammar.Reads(0xC3, 0xC3));
        Assert.Null(grammar.Reads(0x80));
        Assert.Null(grammar.Reads(0xFF));
    }
}
