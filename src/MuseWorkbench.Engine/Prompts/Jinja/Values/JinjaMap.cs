namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>A mapping in order of insertion. Keys are compared as Python does: texts by their characters, 1, 1.0 and true alike.</summary>
internal sealed class JinjaMap : JinjaValue
{
    private readonly Dictionary<object, int> _index = [];
    private readonly List<KeyValuePair<JinjaValue, JinjaValue>> _entries = [];

    /// <exception cref="JinjaException">A list or mapping as a key.</exception>
    public JinjaMap(IEnumerable<KeyValuePair<JinjaValue, JinjaValue>> entries)
    {
        foreach (var entry in entries)
        {
            var key = KeyOf(entry.Key) ?? throw new JinjaException($"unhashable type: '{entry.Key.Kind}'");
            if (_index.TryGetValue(key, out var at))
            {
                _entries[at] = new(_entries[at].Key, entry.Value);
                continue;
            }
            _index.Add(key, _entries.Count);
            _entries.Add(entry);
        }
    }

    public override string Kind => "dict";
    public override bool IsTrue => _entries.Count > 0;
    public IReadOnlyList<KeyValuePair<JinjaValue, JinjaValue>> Entries => _entries;

    public JinjaValue? Find(JinjaValue key) => KeyOf(key) is { } k && _index.TryGetValue(k, out var at) ? _entries[at].Value : null;

    public JinjaValue? Find(string key) => _index.TryGetValue(key, out var at) ? _entries[at].Value : null;

    /// <summary>What stands for a key in a hash table; null for what can't be one.</summary>
    public static object? KeyOf(JinjaValue value)
    {
        switch (value)
        {
            case JinjaString text: return text.Text;
            case JinjaBool flag: return flag.Value ? 1.0 : 0.0;
            case JinjaInteger { Value: > -(1L << 53) and < 1L << 53 } small: return (double)small.Value;
            case JinjaInteger large: return large.Value;
            case JinjaFloat number: return number.Value;
            case JinjaNone: return JinjaNone.Value;
            case JinjaList { IsTuple: true } tuple:
                Running.JinjaBudget.CheckDepth();
                var keys = tuple.Items.Select(KeyOf).ToArray();
                return keys.Contains(null) ? null : new TupleKey(keys!);
            default: return null;
        }
    }

    private sealed class TupleKey(object[] parts) : IEquatable<TupleKey>
    {
        private readonly object[] _parts = parts;
        public bool Equals(TupleKey? other) => other is not null && _parts.AsSpan().SequenceEqual(other._parts);
        public override bool Equals(object? obj) => Equals(obj as TupleKey);
        public override int GetHashCode() => _parts.Aggregate(17, (hash, part) => HashCode.Combine(hash, part));
    }
}
