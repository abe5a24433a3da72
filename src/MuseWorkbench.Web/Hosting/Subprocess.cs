using System.Diagnostics;

namespace MuseWorkbench.Web.Hosting;

/// <summary>What a program that ran to its end said.</summary>
internal sealed record ProgramEnd(int ExitCode, string Output, string Errors);

/// <summary>Runs programs that are asked one thing and end.</summary>
internal static class Subprocess
{
    /// <summary>Runs a program without a shell and without input; one that is cancelled is killed, with what it started.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It can't be started.</exception>
    public static async Task<ProgramEnd> RunAsync(string file, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false, CreateNoWindow = true, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ProgramEnd(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
