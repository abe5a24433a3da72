using System.Runtime.InteropServices;

namespace MuseWorkbench.Engine.Runtimes.Llama;

/// <summary>
/// Host memory in whole pages, given back to the system when freed. A C library's heap keeps blocks of this size for itself and scatters
/// them: holding 50 MB of copies there took 90.
/// </summary>
internal static unsafe partial class HostPages
{
    private const int ReadWrite = 1 | 2;
    // All of it is about to be written: one call is cheaper than a fault for each page.
    private const int PrivateAnonymousPopulated = 0x02 | 0x20 | 0x8000;

    /// <exception cref="InsufficientMemoryException">The system has none left.</exception>
    public static byte* Allocate(nuint size)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (byte*)NativeMemory.Alloc(size);
        }

        var pages = Map(0, size, ReadWrite, PrivateAnonymousPopulated, -1, 0);
        return pages != -1 ? (byte*)pages : throw new InsufficientMemoryException($"No {size} bytes of memory for copies of KV cells.");
    }

    public static void Free(byte* pages, nuint size)
    {
        if (!OperatingSystem.IsLinux())
        {
            NativeMemory.Free(pages);
            return;
        }

        _ = Unmap((nint)pages, size);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint size);
}
