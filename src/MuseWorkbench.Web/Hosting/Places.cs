using MuseWorkbench.Web.Access;

namespace MuseWorkbench.Web.Hosting;

/// <summary>Where things lie. Relative paths in settings start at the content root.</summary>
internal sealed class Places
{
    private readonly string _contentRoot;

    public Places(IConfiguration configuration, IWebHostEnvironment environment)
    {
        _contentRoot = environment.ContentRootPath;
        WebRoot = environment.WebRootPath;
        Data = Resolve(configuration["Data:Directory"] is { Length: > 0 } set ? set : "data");
    }

    /// <summary>Everything the workbench keeps.</summary>
    public string Data { get; }

    public string WebRoot { get; }

    public string Resolve(string path) => Path.GetFullPath(path, _contentRoot);

    /// <exception cref="StartRefusedException">Nothing can be kept in the data directory.</exception>
    public void CheckData()
    {
        try
        {
            MakePrivate(Data);
            var probe = Path.Combine(Data, $".probe-{Guid.NewGuid():N}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartRefusedException(
                $"The data directory {Data} can't be written to: {e.Message.TrimEnd('.')}. Make it writable, or choose another with --Data:Directory.");
        }
    }

    /// <summary>A folder of the data directory, made where it is missing; readable by its owner alone.</summary>
    public DirectoryInfo DataFolder(string name)
    {
        MakePrivate(Data);
        return MakePrivate(Path.Combine(Data, name));
    }

    private static DirectoryInfo MakePrivate(string path) =>
        OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(path)
            : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>The nearest folder, upwards from the program, that holds the settings: the repository when built, the program's own when published.</summary>
    public static string FindContentRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "appsettings.json")))
            {
                return folder.FullName;
            }
        }

        return AppContext.BaseDirectory;
    }
}
