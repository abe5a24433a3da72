using System.ComponentModel;
using System.Runtime.InteropServices;

namespace MuseWorkbench.Data.Storage;

/// <summary>Writes a file so that, after a crash or power loss, it is there whole or not at all.</summary>
public static partial class DurableFile
{
    /// <summary>Writes elsewhere in the same folder, flushes to the disk, renames into place, and flushes the folder, which holds the name.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
            FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Puts names made or moved in a folder onto the disk. Windows has no such call and needs none: NTFS logs them.</summary>
    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Open(path, 0); // O_RDONLY; .NET itself opens no folders
        if (folder < 0)
            throw Failure(path);
        try
        {
            // EINVAL: a file system that can't, such as some network ones.
            if (Fsync(folder) != 0 && Marshal.GetLastPInvokeError() != Einval)
                throw Failure(path);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    private const int Einval = 22;

    private static IOException Failure(string path) =>
        new($"The folder {path} can't be flushed to the disk: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
