using System.Threading.Channels;
using MuseWorkbench.Web.Features.Engine;

namespace MuseWorkbench.Web.Tests.Kit;

/// <summary>A launcher whose children do as the test says.</summary>
internal sealed class ScriptedNodes : INodeLauncher
{
    private readonly Channel<ScriptedNode> _started = Channel.CreateUnbounded<ScriptedNode>();
    private int _count;

    public bool IsOutdated { get; set; }

    /// <summary>Thrown instead of starting, where set.</summary>
    public string? Refusal { get; set; }

    public int Starts => Volatile.Read(ref _count);

    /// <summary>The next child that is started.</summary>
    public async Task<ScriptedNode> NextAsync() =>
        await _started.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public INodeChild Start(string key)
    {
        Interlocked.Increment(ref _count);
        if (Refusal is not null)
        {
            throw new NodeUnavailableException(Refusal);
        }

        var node = new ScriptedNode(key);
        _started.Writer.TryWrite(node);
        return node;
    }
}

/// <summary>A node process made of pipes.</summary>
internal sealed class ScriptedNode(string key) : INodeChild
{
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LinePipe _output = new();
    private readonly LinePipe _errors = new();

    public string Key => key;
    public bool WasStopped { get; private set; }
    public int ProcessId => 4711;
    public TextReader Output => _output;
    public TextReader Errors => _errors;
    public Task<int> Exited => _exit.Task;

    public void Say(string line) => _output.Write(line);

    public void Logs(string line) => _errors.Write(line);

    public void Exit(int code)
    {
        _output.End();
        _errors.End();
        _exit.TrySetResult(code);
    }

    public Task StopAsync()
    {
        WasStopped = true;
        Exit(0);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class LinePipe : TextReader
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public void Write(string line) => _lines.Writer.TryWrite(line);

        public void End() => _lines.Writer.TryComplete();

        public override async Task<string?> ReadLineAsync() =>
            await _lines.Reader.WaitToReadAsync() && _lines.Reader.TryRead(out var line) ? line : null;
    }
}
