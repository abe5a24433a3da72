using System.Text;
using Microsoft.Extensions.Logging;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>
/// Puts lines together from the pieces llama.cpp logs: a piece either begins a line of its level or continues the last,
/// and a newline ends it. llama.cpp's "info" describes every tensor, so it counts as Debug.
/// </summary>
internal sealed class LlamaLogLine(Action<LogLevel, string> write)
{
    private const int Continue = 5;
    private const int MaxLength = 4096;

    private readonly StringBuilder _text = new();
    private LogLevel _level = LogLevel.Trace;

    public void Append(int level, string text)
    {
        if (level != Continue)
        {
            Flush();
            _level = level switch { 4 => LogLevel.Error, 3 => LogLevel.Warning, 2 => LogLevel.Debug, _ => LogLevel.Trace };
        }

        var rest = text.AsSpan();
        for (var end = rest.IndexOf('\n'); end >= 0; end = rest.IndexOf('\n'))
        {
            _text.Append(rest[..end]);
            Flush();
            rest = rest[(end + 1)..];
        }

        _text.Append(rest);
        if (_text.Length > MaxLength)
        {
            Flush();
        }
    }

    private void Flush()
    {
        var line = _text.ToString().Trim();
        _text.Clear();
        if (line.Length > 0)
        {
            write(_level, line);
        }
    }
}
