using System.ComponentModel.DataAnnotations;
using MuseWorkbench.Engine;

namespace MuseWorkbench.EngineNode.Hosting;

/// <summary>Reads the engine's options, with a sentence for each way they can be wrong.</summary>
internal static class EngineConfiguration
{
    /// <summary>What a command was given: the environment, and over it the command line.</summary>
    /// <exception cref="FormatException">The command line can't be read.</exception>
    public static IConfiguration FromCommandLine(IEnumerable<string> args) =>
        new ConfigurationBuilder().AddEnvironmentVariables(NodeHost.EnvironmentPrefix).AddCommandLine([.. args]).Build();

    /// <exception cref="NodeStartException">An option is missing or out of range, or a file is not there.</exception>
    public static EngineOptions Read(IConfiguration configuration)
    {
        var options = new EngineOptions();
        try
        {
            configuration.GetSection(EngineOptions.Section).Bind(options);
        }
        catch (InvalidOperationException error)
        {
            throw new NodeStartException($"The engine's options can't be read: {error.Message}", error);
        }

        if (string.IsNullOrWhiteSpace(options.Model))
        {
            throw new NodeStartException("No model is set (Engine:Model).");
        }

        // An empty value on the command line means the same as none.
        options.Projector = NullIfEmpty(options.Projector);
        options.NativeDirectory = NullIfEmpty(options.NativeDirectory);
        options.Devices = NullIfEmpty(options.Devices);
        options.Grounding = NullIfEmpty(options.Grounding);
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true))
        {
            throw new NodeStartException($"The engine's options are wrong: {string.Join(' ', faults.Select(fault => fault.ErrorMessage))}");
        }

        RequireFile(options.Model, "model");
        if (options.Projector is { } projector)
        {
            RequireFile(projector, "image projector");
        }

        return options;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static void RequireFile(string path, string what)
    {
        if (!File.Exists(path))
        {
            throw new NodeStartException($"There is no {what} at {Path.GetFullPath(path)}.");
        }
    }
}
