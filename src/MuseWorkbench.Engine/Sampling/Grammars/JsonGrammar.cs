using System.Globalization;
using System.Text;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>JSON in GBNF. White space is bounded, since models that are held to JSON otherwise write spaces without end.</summary>
public static class JsonGrammar
{
    /// <summary>Levels of arrays and objects in JSON of no further shape.</summary>
    public const int MaxNesting = 16;

    /// <summary>A string's characters, one each; escaped halves of surrogate pairs come in pairs only.</summary>
    internal const string Character = """[^"\\\x00-\x1F\x7F]""";

    /// <summary>Rules that schemas build on: ws, string, char, number, integer, boolean, null, and value, object and array.</summary>
    internal static string Rules { get; } = Write();

    /// <summary>Any JSON object: what <c>json_object</c> asks for.</summary>
    public static Grammar AnyObject { get; } = Grammar.Compile($"root ::= object-{MaxNesting}\n{Rules}");

    private static string Write()
    {
        var text = new StringBuilder($$"""
            ws ::= | " " | "\n" [ \t]{0,20}
            char ::= {{Character}} | "\\" (["\\/bfnrt] | "u" unicode)
            unicode ::= ([0-9A-CEFa-cef] hex | [Dd] [0-7]) hex hex | [Dd] [89ABab] hex hex "\\u" [Dd] [C-Fc-f] hex hex
            hex ::= [0-9A-Fa-f]
            string ::= "\"" char* "\""
            integer ::= "-"? ("0" | [1-9] [0-9]{0,14})
            number ::= integer ("." [0-9]{1,15})? ([eE] [+-]? [0-9]{1,2})?
            boolean ::= "true" | "false"
            null ::= "null"
            scalar ::= string | number | boolean | null

            """);
        text.Append("value-0 ::= scalar\n");
        for (var level = 1; level <= MaxNesting; level++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                value-{{level}} ::= scalar | object-{{level}} | array-{{level}}
                object-{{level}} ::= "{" ws (member-{{level}} ("," ws member-{{level}})*)? "}"
                member-{{level}} ::= string ws ":" ws value-{{level - 1}} ws
                array-{{level}} ::= "[" ws (value-{{level - 1}} ws ("," ws value-{{level - 1}} ws)*)? "]"

                """);
        }
        text.Append(CultureInfo.InvariantCulture, $"value ::= value-{MaxNesting}\n");
        return text.ToString();
    }
}
