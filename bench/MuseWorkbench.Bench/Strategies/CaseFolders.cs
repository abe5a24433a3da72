using System.Security.Cryptography;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Bench.Strategies;

/// <summary>A question about a picture and the right answer.</summary>
/// <param name="Folder">The name of the folder it is in.</param>
/// <param name="Number">Its place among those read of the folder, from 1.</param>
internal sealed record Case(ImageRef Image, string Question, string Answer, string Ability, string Folder, int Number = 0);

/// <summary>Cases in Hugging Face image folders: <c>metadata.jsonl</c> with file_name, question, answer, ability, width, height.</summary>
internal sealed class CaseFolders : IImageStore
{
    private readonly Dictionary<string, byte[]> _images = [];

    public IReadOnlyList<Case> Cases { get; }

    /// <summary>Reads every case whose answer is one of words: answers that are places need another scorer than equality.</summary>
    /// <param name="count">Most of each folder.</param>
    /// <exception cref="ArgumentException">No such folder, no metadata in it, or no such case.</exception>
    public CaseFolders(IReadOnlyList<string> folders, IReadOnlySet<string>? abilities, int count) =>
        Cases = [.. folders.SelectMany(folder => Read(folder, abilities, count))];

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string sha256, CancellationToken cancellationToken) =>
        new(_images.TryGetValue(sha256, out var bytes) ? bytes : (ReadOnlyMemory<byte>?)null);

    /// <summary>Nothing is kept: cases are asked of agents whose tools make no pictures.</summary>
    public ValueTask<ImageRef> AddAsync(ReadOnlyMemory<byte> encoded, string name, CancellationToken cancellationToken) =>
        throw new IOException("This folder of cases is read only.");

    private Case[] Read(string folder, IReadOnlySet<string>? abilities, int count)
    {
        var metadata = Path.Combine(folder, "metadata.jsonl");
        if (!File.Exists(metadata))
        {
            throw new ArgumentException($"There is no file {metadata}.");
        }

        Case[] cases = [.. File.ReadLines(metadata).Where(line => line.Length > 0).Select(line => Read(folder, line))
            .Where(c => c.Answer.Length > 0 && (abilities?.Contains(c.Ability) ?? true)).Take(count).Select((c, i) => c with { Number = i + 1 })];
        return cases.Length > 0 ? cases : throw new ArgumentException($"{folder} has no case of these abilities whose answer is in words.");
    }

    private Case Read(string folder, string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var name = Path.GetFileName(Text("file_name"));
        var bytes = File.ReadAllBytes(Path.Combine(folder, name));
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        _images[hash] = bytes;
        var type = $"image/{Path.GetExtension(name)[1..].Replace("jpg", "jpeg", StringComparison.Ordinal)}";
        return new(new(hash, type, root.GetProperty("width").GetInt32(), root.GetProperty("height").GetInt32(), name), Text("question"), Text("answer"), Text("ability"),
            Path.GetFileName(Path.GetFullPath(folder)));

        string Text(string key) => root.GetProperty(key).GetString() ?? "";
    }
}
