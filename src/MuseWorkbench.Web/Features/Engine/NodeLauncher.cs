using System.ComponentModel;
using System.Diagnostics;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>Starts the node as a child process that holds the other end of its standard input, and so can't outlive this one.</summary>
internal sealed class NodeLauncher(NodeCommand command, IConfiguration configuration) : INodeLauncher
{
    private volatile NodeStart? _last;

    public bool IsOutdated
    {
        get
        {
            try
            {
                return !command.Build().Equals(_last);
            }
            catch (NodeUnavailableException)
            {
                return true;
            }
        }
    }

    public INodeChild Start(string key)
    {
        _last = command.Build();
        var info = new ProcessStartInfo(_last.FileName, _last.Arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["MUSE_NODE_KEY"] = key;
        PassTelemetry(info);
        try
        {
            return new Child(Process.Start(info)!);
        }
        catch (Win32Exception e)
        {
            throw new NodeUnavailableException($"The engine could not be started ({_last.FileName}): {e.Message}.");
        }
    }

    /// <summary>The node sends its telemetry where this process does, however that was set, but under its own name.</summary>
    private void PassTelemetry(ProcessStartInfo info)
    {
        foreach (var (name, value) in configuration.AsEnumerable().Where(setting => setting.Key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)))
        {
            info.Environment[name] = value;
        }

        info.Environment.Remove("OTEL_SERVICE_NAME");
    }

    private sealed class Child(Process process) : INodeChild
    {
        private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

        public int ProcessId { get; } = process.Id;

        public TextReader Output => process.StandardOutput;

        public TextReader Errors => process.StandardError;

        public Task<int> Exited { get; } = WaitAsync(process);

        public async Task StopAsync()
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // Already gone.
            }

            try
            {
                await Exited.WaitAsync(s_grace);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                await Exited;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (!Exited.IsCompleted)
            {
                await StopAsync();
            }

            process.Dispose();
        }

        private static async Task<int> WaitAsync(Process process)
        {
            // Not WaitForExitAsync alone: with redirected output it also waits for whoever inherited the pipe.
            var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            process.Exited += (_, _) => exited.TrySetResult();
            process.EnableRaisingEvents = true;
            await exited.Task;
            return process.ExitCode;
        }
    }
}
