namespace MuseWorkbench.Engine.Runtimes.Machine;

/// <summary>A device llama.cpp can compute on.</summary>
/// <param name="Name">As settings name it, such as <c>CUDA0</c>.</param>
/// <param name="Description">As its maker does.</param>
/// <param name="Type"><c>Cpu</c>, <c>Gpu</c>, <c>IntegratedGpu</c> or <c>Accelerator</c>.</param>
/// <param name="Free">Bytes of memory free on it; of a CPU, in the machine.</param>
/// <param name="Total">Bytes of memory it has.</param>
public sealed record ComputeDevice(string Name, string Description, string Type, long Free, long Total);
