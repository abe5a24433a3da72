using MuseWorkbench.Engine.Prompts.Jinja;
using MuseWorkbench.Engine.Prompts.Jinja.Running;
using MuseWorkbench.Engine.Prompts.Jinja.Values;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Prompts;

/// <summary>Chats by the template a model carries.</summary>
internal sealed class JinjaChat
{
    private readonly JinjaTemplate _template;
    private readonly RuntimeInfo _model;
    private readonly TimeProvider _time;
    private readonly ChatShape _shape;

    /// <exception cref="JinjaException">The template can't be read, or shows no content.</exception>
    public JinjaChat(string template, RuntimeInfo model, TimeProvider time)
    {
        _model = model;
        _time = time;
        _template = JinjaTemplate.Parse(template);
        var shape = ChatProbe.FindShape(Probe);
        ShowsTools = ChatProbe.ShowsTools(Probe, shape);
        var calls = ChatProbe.FindCalls(Probe, shape);
        ShowsCalls = calls is not null;
        _shape = calls?.Shape ?? shape;
        // Where the tools have to be written into the messages, the model is told there how to call them.
        ToolCalls = ShowsTools && calls is { } shown ? shown.Format : ToolCallFormat.Tagged;
    }

    /// <summary>Whether it tells the model what tools there are.</summary>
    public bool ShowsTools { get; }

    /// <summary>Whether it shows an assistant's calls in later turns.</summary>
    public bool ShowsCalls { get; }

    /// <summary>How the model writes calls.</summary>
    public ToolCallFormat ToolCalls { get; }

    /// <exception cref="JinjaException">The template refuses, fails, or takes too much.</exception>
    public JinjaString Render(ChatTemplateInput input) => Render(input, _shape);

    private string Probe(ChatTemplateInput input, ChatShape shape) => Render(input, shape).Text;

    private JinjaString Render(ChatTemplateInput input, ChatShape shape) =>
        _template.Render(ChatVariables.Of(input, shape, _model), new JinjaBudget(JinjaLimits.Default, _time));
}
