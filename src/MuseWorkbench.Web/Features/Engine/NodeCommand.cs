using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Hosting;

namespace MuseWorkbench.Web.Features.Engine;

/// <summary>A program and its arguments.</summary>
internal sealed record NodeStart(string FileName, IReadOnlyList<string> Arguments)
{
    public bool Equals(NodeStart? other) => other is not null && FileName == other.FileName && Arguments.SequenceEqual(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(FileName, Arguments.Count);
}

/// <summary>Makes the node's command line from the settings as they stand.</summary>
/// <param name="section">Of settings that go before those of section <c>Engine</c>; null for none.</param>
internal sealed class NodeCommand(IConfiguration configuration, IOptionsMonitor<NodeOptions> options, Places places, string? section)
{
    private const string AssemblyName = "MuseWorkbench.EngineNode";

    private static readonly string[] s_paths = ["Model", "Projector", "NativeDirectory"];

    /// <exception cref="NodeUnavailableException">There is no node to start.</exception>
    /// <param name="command">What the node's program is to do instead of serving; null to serve.</param>
    public NodeStart Build(string? command = null)
    {
        var assembly = FindAssembly();
        List<string> arguments = command is null ? ["--urls", "http://127.0.0.1:0", "--Engine:ExitWithParent=true"] : [command];
        foreach (var (name, value) in Settings().OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!string.IsNullOrEmpty(value))
            {
                arguments.Add($"--Engine:{name}={(s_paths.Contains(name, StringComparer.OrdinalIgnoreCase) ? places.Resolve(value) : value)}");
            }
        }

        if (!assembly.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            return new NodeStart(assembly, arguments);
        }

        return FindRuntime() is { } dotnet
            ? new NodeStart(dotnet, [assembly, .. arguments])
            : new NodeStart(Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null), arguments);
    }

    /// <summary>What a node will serve, as far as its settings tell; null where they name no model.</summary>
    public ModelInfo? Expect()
    {
        var settings = Settings();
        return settings.GetValueOrDefault("Model") is { Length: > 0 } model
            ? new ModelInfo
            {
                Id = Path.GetFileNameWithoutExtension(model), Vision = settings.GetValueOrDefault("Projector") is { Length: > 0 },
                ContextLength = int.TryParse(settings.GetValueOrDefault("ContextSize"), out var cells) ? cells : int.MaxValue,
            }
            : null;
    }

    private Dictionary<string, string?> Settings()
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in section is null ? ["Engine"] : (string[])["Engine", section])
        {
            foreach (var (name, value) in configuration.GetSection(source).AsEnumerable(makePathsRelative: true))
            {
                settings[name] = value;
            }
        }

        return settings;
    }

    private string FindAssembly()
    {
        if (options.CurrentValue.Assembly is { Length: > 0 } set)
        {
            var path = places.Resolve(set);
            return File.Exists(path) ? path : throw new NodeUnavailableException($"There is no engine at {path} (Node:Assembly).");
        }

        string?[] candidates = [Path.Combine(AppContext.BaseDirectory, "node", AssemblyName + ".dll"), BuiltAssembly()];
        return candidates.FirstOrDefault(File.Exists) ?? throw new NodeUnavailableException("The engine is not where it was built: build the solution again.");
    }

    private static string? BuiltAssembly() =>
        typeof(NodeCommand).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "EngineNode")?.Value;

    /// <summary>The <c>dotnet</c> this program runs on; null where it carries its own runtime.</summary>
    private static string? FindRuntime()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var root = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).Parent?.Parent?.Parent;
        var dotnet = root is null ? null : Path.Combine(root.FullName, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(dotnet) ? dotnet : null;
    }
}

/// <summary>There is no node to work with; the message is for the user.</summary>
public sealed class NodeUnavailableException(string message) : Exception(message);
