using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>
/// Receives llama.cpp's log, which is one for the whole process, and passes whole lines on to the newest logger given.
/// </summary>
internal static unsafe partial class LlamaLog
{
    private static volatile ILogger s_logger = NullLogger.Instance;

    // llama.cpp logs from the thread that called it and, rarely, from its own: a line is put together per thread.
    [ThreadStatic] private static LlamaLogLine? t_line;
    [ThreadStatic] private static List<string>? t_errors;
    [ThreadStatic] private static Action<string>? t_listener;

    /// <summary>What llama.cpp's libraries are to log to.</summary>
    public static delegate* unmanaged[Cdecl]<int, byte*, nint, void> Callback => &OnText;

    public static void Install() => LlamaNative.llama_log_set(Callback, 0);

    public static void Use(ILogger logger) => s_logger = logger;

    /// <summary>Stops using a logger whose owner goes away, unless a newer one took its place.</summary>
    public static void Forget(ILogger logger)
    {
        if (ReferenceEquals(s_logger, logger))
        {
            s_logger = NullLogger.Instance;
        }
    }

    /// <summary>Calls native code and gives what it logged as errors on this thread: llama.cpp explains failures nowhere else.</summary>
    public static (T Result, string Errors) Explain<T>(Func<T> call)
    {
        var errors = t_errors = [];
        try
        {
            var result = call();
            return (result, string.Join(" ", errors));
        }
        finally
        {
            t_errors = null;
        }
    }

    /// <summary>Calls native code and passes what it logs on this thread to a listener, too.</summary>
    public static T Listen<T>(Action<string> listener, Func<T> call)
    {
        t_listener = listener;
        try
        {
            return call();
        }
        finally
        {
            t_listener = null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnText(int level, byte* text, nint userData)
    {
        try
        {
            (t_line ??= new(Write)).Append(level, Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)));
        }
        catch (Exception)
        {
            // An exception crossing into native code would end the process; a lost log line does not matter.
        }
    }

    private static void Write(LogLevel level, string line)
    {
        if (level == LogLevel.Error)
        {
            t_errors?.Add(line);
        }

        t_listener?.Invoke(line);
        LogNative(s_logger, level, line);
    }

    [LoggerMessage("llama.cpp: {Text}")]
    private static partial void LogNative(ILogger logger, LogLevel level, string text);
}
