using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>
/// One log entry is one line: <c>2026-01-31T12:00:00.000Z info Category[7] text</c>. Control characters are escaped,
/// so that nothing a client sends can forge a line or move a terminal's cursor.
/// </summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder(160);
        line.Append(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        line.Append(' ').Append(NameOf(logEntry.LogLevel)).Append(' ').Append(logEntry.Category);
        line.Append('[').Append(logEntry.EventId.Id).Append("] ");
        AppendEscaped(line, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
        {
            AppendEscaped(line.Append(" | "), exception.ToString());
        }

        textWriter.WriteLine(line);
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };

    private static void AppendEscaped(StringBuilder line, string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '\n': line.Append("\\n"); break;
                case '\r': line.Append("\\r"); break;
                case '\t': line.Append("\\t"); break;
                case var _ when char.IsControl(c) || c is '\u2028' or '\u2029':
                    line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default: line.Append(c); break;
            }
        }
    }
}
