namespace MuseWorkbench.Engine;

/// <summary>What an engine would take of its device, and what there is.</summary>
/// <param name="Device">The device's name; of a CPU, memory is the machine's.</param>
/// <param name="Needs">Bytes that must be free, about; null where the model's file doesn't tell.</param>
/// <param name="Free">Bytes that can be had now.</param>
/// <param name="Total">Bytes the device has.</param>
public sealed record EngineFit(string Device, long? Needs, long Free, long Total);
