using System.Text.Json;

namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary><c>allOf</c> of objects: all their properties, all their requirements.</summary>
internal static class SchemaMerge
{
    private const int MaxParts = 1000;

    public static ObjectShape Merge(JsonElement schema, JsonElement root, string pointer, int depth)
    {
        var properties = new List<(string Name, JsonElement Schema, string Pointer)>();
        var required = new HashSet<string>(StringComparer.Ordinal);
        var parts = 0;
        Collect(schema, pointer, depth);
        return new(properties, required, null);

        void Collect(JsonElement part, string at, int level)
        {
            // References let a short schema name the same parts over and over.
            if (++parts > MaxParts)
            {
                throw new SchemaException(at, $"'allOf' may join {MaxParts} schemas.");
            }
            if (level > SchemaGrammar.MaxDepth)
            {
                throw new SchemaException(at, $"schemas may be nested {SchemaGrammar.MaxDepth} deep.");
            }
            if (part.ValueKind != JsonValueKind.Object)
            {
                throw new SchemaException(at, "'allOf' takes schemas of objects.");
            }
            var fields = new SchemaFields(part, at);
            if (fields.Get("$ref") is { } reference)
            {
                fields.AllowOnly("$ref");
                var target = SchemaPointer.Resolve(root, reference, at, out var referred);
                Collect(referred, target, level + 1);
                return;
            }
            fields.AllowOnly("type", "properties", "required", "allOf");
            if (fields.Get("type") is { } type && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("object")))
            {
                throw fields.Fault("type", "must be object within 'allOf'");
            }
            var shape = ObjectShape.Read(fields);
            required.UnionWith(shape.Required);
            foreach (var property in shape.Properties)
            {
                if (properties.Find(p => p.Name == property.Name) is not { Name: not null } same)
                {
                    properties.Add(property);
                }
                else if (!JsonElement.DeepEquals(same.Schema, property.Schema))
                {
                    throw new SchemaException(property.Pointer, "'allOf' describes this property in two ways.");
                }
            }
            if (fields.Get("allOf") is { } all)
            {
                if (all.ValueKind != JsonValueKind.Array)
                {
                    throw fields.Fault("allOf", "must be an array of schemas");
                }
                foreach (var (i, item) in all.EnumerateArray().Index())
                {
                    Collect(item, $"{at}/allOf/{i}", level + 1);
                }
            }
        }
    }
}
