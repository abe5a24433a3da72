using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>What a conversation of one question asks.</summary>
/// <param name="Answer">What the assistant answered; null where it did not.</param>
internal sealed record ChatQuestion(string Prompt, ImmutableArray<ImageRef> Images, string? Answer);

/// <summary>Conversations as chat APIs write them, of which a case keeps one question and one answer.</summary>
internal static class ChatTurns
{
    /// <exception cref="MalformedRecordException">It is no conversation.</exception>
    /// <exception cref="UnusableRecordException">It is not one question.</exception>
    public static async Task<ChatQuestion> ReadAsync(IImportFiles files, string file, JsonElement? turns, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (turns is not { ValueKind: JsonValueKind.Array } list)
            throw new MalformedRecordException("A list of messages is expected.");
        ChatQuestion? question = null;
        foreach (var turn in list.EnumerateArray())
        {
            var fields = new JsonFields(turn, "a message");
            switch (fields.Text("role"))
            {
                case "system" or "developer":
                    intake.Note("System messages are not kept.");
                    break;
                case "user" when question is null:
                    question = await QuestionAsync(files, file, fields, intake, cancellationToken);
                    break;
                case "assistant" when question is { Answer: null }:
                    question = question with { Answer = Answer(fields) };
                    break;
                case "user" or "assistant" or "tool" or "function":
                    throw new UnusableRecordException("It is a conversation of several turns; a case holds one question.");
                case var role:
                    throw new MalformedRecordException(role is null ? "A message has no role." : $"'{FileNames.Show(role)}' is no role of a message.");
            }
        }
        return question ?? throw new UnusableRecordException("There is no question in it.");
    }

    private static async Task<ChatQuestion> QuestionAsync(IImportFiles files, string file, JsonFields turn, CaseIntake intake, CancellationToken cancellationToken)
    {
        if (turn["content"] is not { } content)
            throw new MalformedRecordException("A message has no content.");
        if (content.ValueKind != JsonValueKind.Array)
            return new ChatQuestion(JsonFields.ToText(content, "content"), [], null);
        var texts = new List<string>();
        var images = ImmutableArray.CreateBuilder<ImageRef>();
        foreach (var item in content.EnumerateArray())
        {
            var part = new JsonFields(item, "a part of the message");
            switch (part.Text("type"))
            {
                case "text" or "input_text":
                    texts.Add(part.Text("text") ?? "");
                    break;
                case "image_url" or "image" or "input_image":
                    images.Add(await ImageReference.ReadAsync(files, file, ImageOf(part), intake, cancellationToken));
                    break;
                case "audio" or "video" or "input_audio" or "file" or "document" or "data":
                    throw new UnusableRecordException("It asks about something that is neither text nor an image.");
                default:
                    throw new MalformedRecordException("A part of a message is of no known type.");
            }
        }
        return new ChatQuestion(string.Join("\n", texts), images.ToImmutable(), null);
    }

    private static string ImageOf(JsonFields part) =>
        (part["image_url"] is { ValueKind: JsonValueKind.Object } url ? new JsonFields(url, "'image_url'").Text("url") : part.FirstText("image_url", "image"))
        ?? throw new MalformedRecordException("A part that should be an image names none.");

    private static string? Answer(JsonFields turn)
    {
        if (turn["content"] is not { } content)
            throw new UnusableRecordException("Its answer is a call of a tool.");
        return content.ValueKind != JsonValueKind.Array
            ? JsonFields.ToText(content, "content")
            : string.Join("\n", content.EnumerateArray().Select(part => new JsonFields(part, "a part of the message").Text("text") ?? ""));
    }
}
