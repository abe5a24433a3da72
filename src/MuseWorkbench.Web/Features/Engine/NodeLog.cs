using System.Globalization;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>The last lines nodes wrote. Thread-safe.</summary>
internal sealed class NodeLog(TimeProvider time)
{
    public const int Capacity = 2000;

    /// <summary>Longest line kept, in characters.</summary>
    private const int MaxLength = 4000;

    private static readonly Dictionary<string, LogLevel> s_levels = new(StringComparer.Ordinal)
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warn"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
        ["critical"] = LogLevel.Critical,
    };

    private readonly Lock _gate = new();
    private readonly Queue<NodeLogLine> _lines = new();

    public IReadOnlyList<NodeLogLine> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public NodeLogLine Add(LogLevel level, string text) => Add(new NodeLogLine(time.GetUtcNow(), level, Clean(text)));

    /// <summary>Takes a line of the node's log, <c>TIME LEVEL CATEGORY[ID] TEXT</c>; a line of any other shape is kept as it is (native code writes, too).</summary>
    public NodeLogLine AddRaw(string line)
    {
        var parts = line.Split(' ', 3);
        return parts.Length == 3
            && s_levels.TryGetValue(parts[1], out var level)
            && DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at)
                ? Add(new NodeLogLine(at, level, Clean(parts[2])))
                : Add(LogLevel.Information, line);
    }

    private NodeLogLine Add(NodeLogLine line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Capacity)
            {
                _lines.Dequeue();
            }
        }

        return line;
    }

    private static string Clean(string text)
    {
        text = text.Length > MaxLength ? text[..MaxLength] + "…" : text;
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
    }
}
