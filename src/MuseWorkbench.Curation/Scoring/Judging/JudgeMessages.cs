using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Scoring.Judging;

/// <summary>What a judge is sent: the images first, as agents get them, so that servers share their prefill; then the texts.</summary>
internal static class JudgeMessages
{
    /// <summary>Longest text of a side that is judged, in characters.</summary>
    public const int MaxText = 40_000;

    public static async Task<ChatMessage[]> BuildAsync(string instructions, ImmutableArray<ImageRef> images, string text, IImageStore? store, CancellationToken cancellationToken)
    {
        List<AIContent> contents = [];
        foreach (var image in images)
        {
            var bytes = store is null ? null : await store.ReadAsync(image.Sha256, cancellationToken);
            // A judge that does not see the image would grade by how likely the answer sounds.
            contents.Add(new DataContent(bytes ?? throw new InvalidOperationException($"The image {Words.Quote(image.Name)} is not there for the judge to see."), image.MediaType));
        }
        contents.Add(new TextContent(text));
        return [new ChatMessage(ChatRole.System, instructions), new ChatMessage(ChatRole.User, contents)];
    }

    /// <summary>
    /// A text under a heading between marks made of its own hash: an answer cannot know them, so it cannot end its part
    /// and speak as the user.
    /// </summary>
    public static string Part(string heading, string text)
    {
        if (text.Length > MaxText)
            throw new InvalidOperationException($"The {heading.ToLowerInvariant()} is longer than the {MaxText:N0} characters a judge is given.");
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
        return $"{heading}:\n<<<{mark}\n{text.Trim()}\n{mark}>>>";
    }
}
