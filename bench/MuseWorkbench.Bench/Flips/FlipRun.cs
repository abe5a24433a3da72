using System.Diagnostics;
using System.Globalization;

namespace MuseWorkbench.Bench.Flips;

/// <summary>Has damaged models loaded by child processes, one after another, and counts what became of them.</summary>
internal static class FlipRun
{
    /// <summary>A load of a small model takes well under a second; one that takes this long hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task<FlipReport> RunAsync(FlipOptions options, CancellationToken cancellationToken)
    {
        var report = new FlipReport { Count = options.Count, Seed = options.Seed };
        for (var from = 0; from < options.Count;)
        {
            from = await FollowAsync(options, from, report, cancellationToken);
        }

        return report;
    }

    /// <summary>One child from a number on.</summary>
    /// <returns>The number to go on from: after the last file, or after the one the child died of.</returns>
    private static async Task<int> FollowAsync(FlipOptions options, int from, FlipReport report, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) != "MuseWorkbench.Bench")
        {
            start.FileName = "dotnet";
            start.ArgumentList.Add(typeof(FlipRun).Assembly.Location);
        }

        foreach (var argument in options.ChildArguments(from))
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        // Must be read, or the child would wait for room in the pipe; its end tells what an abort said.
        var errors = child.StandardError.ReadToEndAsync(cancellationToken);
        var begun = from;
        var ended = from - 1;
        var hung = false;
        try
        {
            while (await child.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(s_patience, cancellationToken) is { } line)
            {
                var parts = line.Split(' ', 3);
                if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || parts.Length < 2)
                {
                    continue; // native code's own
                }

                if (parts[1] == "begin")
                {
                    begun = number;
                    continue;
                }

                report.Add(parts[1], parts.ElementAtOrDefault(2));
                ended = number;
            }
        }
        catch (TimeoutException)
        {
            hung = true;
        }
        finally
        {
            if (!child.HasExited && (hung || cancellationToken.IsCancellationRequested))
            {
                child.Kill(entireProcessTree: true);
            }
        }

        await child.WaitForExitAsync(cancellationToken);
        if (child.ExitCode == 0 && ended == options.Count - 1)
        {
            return options.Count;
        }

        var lines = (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        report.Crashes.Add(new(begun, hung ? null : child.ExitCode, string.Join(" | ", lines.TakeLast(8))));
        return Math.Max(begun, from) + 1;
    }
}
