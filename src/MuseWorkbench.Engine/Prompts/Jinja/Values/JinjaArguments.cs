namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>What a call, filter or test is given, its subject (for filters and tests) first.</summary>
internal sealed record JinjaArguments(IReadOnlyList<JinjaValue> Positional, IReadOnlyList<KeyValuePair<string, JinjaValue>> Named)
{
    public static JinjaArguments None { get; } = new([], []);

    public static JinjaArguments Of(params JinjaValue[] positional) => new(positional, []);

    public JinjaValue? Find(int position, string name) =>
        position < Positional.Count ? Positional[position] : Named.FirstOrDefault(n => n.Key == name).Value;

    public JinjaValue Require(int position, string name) => Find(position, name) ?? throw new JinjaException($"missing argument '{name}'");

    public JinjaString? FindText(int position, string name) => Find(position, name) switch
    {
        null or JinjaNone => null,
        JinjaString text => text,
        var other => throw new JinjaException($"argument '{name}' must be str, not {other.Kind}"),
    };

    public JinjaString RequireText(int position, string name) => FindText(position, name) ?? throw new JinjaException($"argument '{name}' must be str");

    public long? FindInteger(int position, string name) => Find(position, name) switch
    {
        null or JinjaNone => null,
        JinjaInteger number => number.Value,
        JinjaBool flag => flag.Value ? 1 : 0,
        var other => throw new JinjaException($"argument '{name}' must be int, not {other.Kind}"),
    };

    public bool IsTrue(int position, string name) => Find(position, name) is { IsTrue: true };

    /// <exception cref="JinjaException">More than <paramref name="most"/> by position, or a name not among <paramref name="names"/>.</exception>
    public JinjaArguments Check(string what, int most, params ReadOnlySpan<string> names)
    {
        if (Positional.Count > most)
        {
            throw new JinjaException($"{what} takes at most {most} arguments ({Positional.Count} given)");
        }
        foreach (var named in Named)
        {
            if (!names.Contains(named.Key))
            {
                throw new JinjaException($"{what} got an unexpected argument '{named.Key}'");
            }
        }
        return this;
    }

    public JinjaArguments Skip(int count) => this with { Positional = [.. Positional.Skip(count)] };
}
