namespace MuseWorkbench.Engine.Prompts.Jinja.Values;

/// <summary>A value of the template language. All but <see cref="JinjaNamespace"/> are immutable.</summary>
internal abstract class JinjaValue
{
    /// <summary>The type's name in messages, as Python calls it.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether a condition holds for it.</summary>
    public virtual bool IsTrue => true;
}

/// <summary>What a name or member that does not exist gives: empty where printed or stepped through, an error where computed with.</summary>
internal sealed class JinjaUndefined(string what) : JinjaValue
{
    public override string Kind => "undefined";
    public override bool IsTrue => false;
    public JinjaException Error => new($"{what} is undefined");
}

internal sealed class JinjaNone : JinjaValue
{
    public static JinjaNone Value { get; } = new();
    public override string Kind => "NoneType";
    public override bool IsTrue => false;
}

internal sealed class JinjaBool(bool value) : JinjaValue
{
    public static JinjaBool True { get; } = new(true);
    public static JinjaBool False { get; } = new(false);
    public static JinjaBool Of(bool value) => value ? True : False;
    public override string Kind => "bool";
    public override bool IsTrue => Value;
    public bool Value { get; } = value;
}

/// <summary>A whole number; arithmetic beyond 64 bits is an error.</summary>
internal sealed class JinjaInteger(long value) : JinjaValue
{
    public override string Kind => "int";
    public override bool IsTrue => Value != 0;
    public long Value { get; } = value;
}

internal sealed class JinjaFloat(double value) : JinjaValue
{
    public override string Kind => "float";
    public override bool IsTrue => Value != 0;
    public double Value { get; } = value;
}

/// <summary>A list, or a tuple where it was written as one.</summary>
internal sealed class JinjaList(IReadOnlyList<JinjaValue> items, bool isTuple = false) : JinjaValue
{
    public override string Kind => IsTuple ? "tuple" : "list";
    public override bool IsTrue => Items.Count > 0;
    public IReadOnlyList<JinjaValue> Items { get; } = items;
    public bool IsTuple { get; } = isTuple;
}

/// <summary>Something to call: a macro, a method, a function.</summary>
internal sealed class JinjaFunction(string name, Func<JinjaArguments, JinjaValue> body) : JinjaValue
{
    public override string Kind => "function";
    public string Name { get; } = name;
    public JinjaValue Call(JinjaArguments arguments) => body(arguments);
}

/// <summary>The one value a template may change: <c>namespace(…)</c>, written to by <c>set ns.name = …</c>.</summary>
internal sealed class JinjaNamespace : JinjaValue
{
    public override string Kind => "Namespace";
    public Dictionary<string, JinjaValue> Members { get; } = new(StringComparer.Ordinal);
}
