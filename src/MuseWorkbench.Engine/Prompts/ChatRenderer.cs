using MuseWorkbench.Engine.Images;
using MuseWorkbench.Engine.Prompts.Jinja;
using MuseWorkbench.Engine.Prompts.Jinja.Values;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>
/// Applies the model's chat template: the one it carries, or one of the runtime's own list where that can't be used. The template's
/// own text is trusted, and no content can be mistaken for it, whatever control text is written in it. Thread-safe.
/// </summary>
internal sealed class ChatRenderer
{
    private readonly IImageEmbedder? _embedder;
    private readonly RuntimeInfo _model;
    private readonly BuiltInChat _builtIn;
    private readonly JinjaChat? _carried;
    private readonly JinjaChat? _carriedForTools;

    public ChatRenderer(ILlamaRuntime runtime, IImageEmbedder? embedder, TimeProvider time)
    {
        _embedder = embedder;
        _model = runtime.Info;
        _builtIn = new BuiltInChat(runtime);
        _carried = Load(_model.ChatTemplate, time, out var reason);
        _carriedForTools = Load(_model.ToolChatTemplate, time, out _);
        Source = _carried is not null ? "gguf" : FindBuiltIn();
        Reason = _carried is not null ? null : reason;
    }

    /// <summary>Which template is used: <c>gguf</c> (the model's own), <c>built-in:NAME</c> (the runtime's) or <c>none</c>.</summary>
    public string Source { get; }

    /// <summary>Why the model's own template is not used; null where it is.</summary>
    public string? Reason { get; }

    /// <summary>How the model writes calls of tools.</summary>
    public ToolCallFormat ToolCalls => (_carriedForTools ?? _carried)?.ToolCalls ?? ToolCallFormat.Tagged;

    /// <exception cref="RequestRejectedException">The chat can't be rendered as asked.</exception>
    public IReadOnlyList<PromptPart> Render(ChatTemplateInput input)
    {
        Check(input.Turns.Count > 0, "A chat needs at least one message.", "invalid_value");
        // The template takes a role as its own text.
        Check(input.Turns.All(t => t.Role.Length > 0 && t.Role.All(char.IsAsciiLetter)), "A role is a word of letters.", "invalid_value");
        var images = input.Turns.SelectMany(t => t.Content).OfType<ChatImage>().ToArray();
        Check(images.Length == 0 || _embedder is not null, "This model reads no images.", "unsupported_content");
        var carried = input.Tools is null ? _carried : _carriedForTools ?? _carried;
        input = carried is { ShowsTools: true } ? input : input.WithToolsInText();
        input = carried is { ShowsCalls: true } ? input : input.WithCallsInText();
        var rendered = Apply(carried, input);
        CheckPlaces(rendered, input.Turns, images.Length);
        return new PromptCutter(_embedder, images).Cut(WithoutBegin(rendered));
    }

    private JinjaChat? Load(string? template, TimeProvider time, out string reason)
    {
        reason = "The model carries no chat template.";
        try
        {
            return string.IsNullOrWhiteSpace(template) ? null : new JinjaChat(template, _model, time);
        }
        catch (JinjaException exception)
        {
            reason = $"The model's chat template can't be used: {Explain(exception)}.";
            return null;
        }
    }

    private string FindBuiltIn()
    {
        try
        {
            _builtIn.Render(new ChatTemplateInput([new ChatTurn("user", [new ChatText("x")])]));
            return $"built-in:{_model.BuiltInChatTemplate ?? "detected"}";
        }
        catch (NotSupportedException)
        {
            return "none";
        }
    }

    private JinjaString Apply(JinjaChat? carried, ChatTemplateInput input)
    {
        try
        {
            return carried?.Render(input) ?? _builtIn.Render(input);
        }
        catch (NotSupportedException exception)
        {
            throw new RequestRejectedException(Reason is null ? exception.Message : $"{Reason} {exception.Message}", "unsupported_template", "messages");
        }
        catch (JinjaRaisedException exception)
        {
            throw new RequestRejectedException(exception.Message, "invalid_value", "messages");
        }
        catch (JinjaException exception)
        {
            throw new RequestRejectedException($"The model's chat template can't render this chat: {Explain(exception)}.", "invalid_value", "messages");
        }
    }

    /// <summary>Refuses to leave anything out silently, but what templates leave out on purpose: an assistant's former reasoning, and blanks.</summary>
    private static void CheckPlaces(JinjaString rendered, IReadOnlyList<ChatTurn> turns, int images)
    {
        var placed = rendered.Marks.Select(m => m.Source).ToHashSet();
        var missing = turns.Where((turn, i) => turn.Role != "assistant" && !placed.Contains(i) && turn.Content.Any(c => c is not ChatText text || !string.IsNullOrWhiteSpace(text.Text)));
        Check(
            !missing.Any() && rendered.Marks.Where(m => m.IsImage).Select(m => m.Image).Distinct().Count() == images,
            "The model's chat template has no place for one of the messages.", "unsupported_content");
    }

    /// <summary>The tokeniser begins a prompt with the model's begin token; a template that writes it too would make two.</summary>
    private JinjaString WithoutBegin(JinjaString text)
    {
        var begin = _model.BeginText;
        return _model.AddsBegin && begin.Length > 0 && text.Text.StartsWith(begin, StringComparison.Ordinal) && (text.Marks.IsEmpty || text.Marks[0].Start >= begin.Length)
            ? text.Slice(begin.Length, text.Text.Length)
            : text;
    }

    private static string Explain(JinjaException exception) => exception.Line > 0 ? $"line {exception.Line}: {exception.Message.TrimEnd('.')}" : exception.Message.TrimEnd('.');

    private static void Check(bool holds, string message, string code)
    {
        if (!holds)
        {
            throw new RequestRejectedException(message, code, "messages");
        }
    }
}
