using System.Text.Json;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.EngineNode.Chat;

/// <summary>Reads <c>grammar</c> and <c>response_format</c>.</summary>
internal sealed class OutputReader(RequestFaults faults)
{
    /// <summary>What the answer must be; null where it is free or there is a fault.</summary>
    public Grammar? Read(RequestFields fields)
    {
        var grammar = fields.TryGet("grammar", out _) ? ReadGrammar(fields) : null;
        if (!fields.TryGet("response_format", out var format))
        {
            return grammar;
        }
        if (format.ValueKind != JsonValueKind.Object)
        {
            faults.AddType("response_format", "an object with 'type'");
            return null;
        }

        var shape = new RequestFields(format, faults, "response_format");
        var type = shape.Text("type");
        if (fields.TryGet("grammar", out _) && type != "text")
        {
            faults.Add("response_format", "'response_format' and 'grammar' can't both say what the answer is.");
            return null;
        }

        switch (type)
        {
            case "text": return grammar;
            case "json_object": return JsonGrammar.AnyObject;
            case "json_schema": return ReadSchema(shape);
            default:
                faults.Add("response_format.type", "'response_format.type' must be text, json_object or json_schema.");
                return null;
        }
    }

    private Grammar? ReadGrammar(RequestFields fields)
    {
        if (fields.Text("grammar") is not { } text)
        {
            return null;
        }

        try
        {
            return Grammar.Parse(text);
        }
        catch (GrammarException exception)
        {
            faults.Add("grammar", $"'grammar' can't be used. {exception.Message}");
            return null;
        }
    }

    private Grammar? ReadSchema(RequestFields format)
    {
        if (!format.TryGet("json_schema", out var holder) || holder.ValueKind != JsonValueKind.Object)
        {
            faults.AddType("response_format.json_schema", "an object with 'name' and 'schema'");
            return null;
        }

        var fields = new RequestFields(holder, faults, "response_format.json_schema");
        _ = fields.Text("name");
        _ = fields.Flag("strict"); // the answer is always held to the schema
        if (!fields.TryGet("schema", out var schema))
        {
            // As with OpenAI, no schema is one that says nothing.
            return JsonGrammar.AnyObject;
        }

        try
        {
            return SchemaGrammar.Compile(schema);
        }
        catch (SchemaException exception)
        {
            faults.Add("response_format", $"'response_format.json_schema.schema' can't be used. {exception.Message}");
            return null;
        }
    }
}
