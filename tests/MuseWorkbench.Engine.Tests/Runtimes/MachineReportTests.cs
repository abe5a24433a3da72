using MuseWorkbench.Engine.Runtimes;
using MuseWorkbench.Engine.Runtimes.Machine;

namespace MuseWorkbench.Engine.Tests.Runtimes;

public sealed class MachineReportTests
{
    private static readonly ComputeDevice s_cpu = new("CPU", "AMD EPYC", "Cpu", 1, 2);
    private static readonly NvidiaReport s_nvidia = new("550.54", [new("NVIDIA H100", 1, 2, 0), new("NVIDIA H100", 1, 2, null)]);
    private static readonly CpuReport s_processor = new("AMD EPYC", 2, 2, 1, 1);

    [Fact]
    public void Take_ThisMachine_HasAProcessorWithMemoryAndThreads()
    {
        var report = MachineReport.Take(null);

        var cpu = Assert.Single(report.Devices, device => device.Type == "Cpu");
        Assert.Equal("CPU", cpu.Name);
        Assert.InRange(cpu.Free, 1, cpu.Total);
        Assert.InRange(report.Cpu.Threads, 1, report.Cpu.Usable);
        Assert.True(report.Cpu.Nodes >= 1);
    }

    [Fact]
    public void Unused_GpusWithoutABackend_NamesThemAndWhatToSet() => Assert.Equal(
        "There are 2 × NVIDIA H100 (driver 550.54), but llama.cpp's libraries here can't compute on them: name a folder with a CUDA build of b10361 by Engine:NativeDirectory.",
        new MachineReport(s_processor, [s_cpu], s_nvidia).Unused);

    [Fact]
    public void Unused_ABackendForThem_IsNull() =>
        Assert.Null(new MachineReport(s_processor, [new("CUDA0", "NVIDIA H100", "Gpu", 1, 2), s_cpu], s_nvidia).Unused);

    [Fact]
    public void Unused_NoGpu_IsNull()
    {
        Assert.Null(new MachineReport(s_processor, [s_cpu], null).Unused);
        Assert.Null(new MachineReport(s_processor, [s_cpu], s_nvidia with { Gpus = [] }).Unused);
    }

    [Fact]
    public void Nvml_NoDriver_IsNull() => Assert.Null(Nvml.Read("no-such-library.so.1"));

    [Fact]
    public void Load_DeviceThatIsNotThere_IsRefusedByName()
    {
        var options = new LlamaCppOptions { ModelPath = RepositoryFiles.Model, Devices = ["CUDA7"] };

        var refused = Assert.Throws<RuntimeLoadException>(() => LlamaCppRuntime.Load(options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, null, TestContext.Current.CancellationToken));

        Assert.StartsWith("There is no GPU \"CUDA7\" (Engine:Devices).", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DeviceNamedButNoLayersForIt_IsNotAskedFor()
    {
        var options = new LlamaCppOptions { ModelPath = RepositoryFiles.Model, Devices = ["CUDA7"], GpuLayers = 0, ContextCells = 256, MaxSequences = 2 };

        using var runtime = LlamaCppRuntime.Load(options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, null, TestContext.Current.CancellationToken);

        Assert.False(runtime.Info.DeviceHasMemory);
    }
}
