namespace MuseWorkbench.Engine.Runtimes.Machine;

/// <summary>How many threads matrix arithmetic can use.</summary>
internal static class CpuCores
{
    /// <summary>
    /// All physical cores but one, of those this process may use (affinity and container limits count). Two threads on
    /// one core share its vector units. And one core stays free for everything else: compute threads wait for each other
    /// by spinning at every operation, so a single one that has to share its core slows a step from milliseconds to
    /// hundreds of them.
    /// </summary>
    public static int ForCompute()
    {
        var physical = Physical();
        var usable = physical > 0 ? Math.Min(physical, Environment.ProcessorCount) : Environment.ProcessorCount;
        return Math.Max(1, usable - 1);
    }

    /// <summary>Physical cores of the machine; 0 where the system doesn't say.</summary>
    public static int Physical()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        try
        {
            return Directory.EnumerateDirectories("/sys/devices/system/cpu", "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology"))
                .Where(Directory.Exists)
                .Select(topology => (Package: Read(topology, "physical_package_id"), Core: Read(topology, "core_id")))
                .Distinct()
                .Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }

        static string Read(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();
    }
}
