using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>One agent of a team under edit.</summary>
public sealed partial class AgentFields
{
    [Parameter, EditorRequired] public required AgentDraft Agent { get; set; }
    /// <summary>Begins the ids of its fields.</summary>
    [Parameter, EditorRequired] public required string Id { get; set; }
    [Parameter, EditorRequired] public required string Colour { get; set; }
    /// <summary>Not for a lead, which answers as its strategy wants it.</summary>
    [Parameter] public bool MayAnswerInForm { get; set; } = true;
    /// <summary>Models that are served now.</summary>
    [Parameter] public ImmutableArray<string> Models { get; set; } = [];
    /// <summary>Buttons beside the name.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private Task Changed() => OnChanged.InvokeAsync();

    private string SamplingText => string.Join(", ", new[]
    {
        Agent.TopK > 0 ? string.Create(CultureInfo.InvariantCulture, $"top-k {Agent.TopK}") : null,
        Agent.MinP > 0 ? $"min-p {Fmt.Css(Agent.MinP)}" : null,
    }.OfType<string>());

    private static string Percent(double share) => Fmt.Css(Math.Round(share * 100, 1));

    private Task SetView(ViewSpec view)
    {
        Agent.View = view;
        return Changed();
    }

    private Task SetArea(ChangeEventArgs e)
    {
        Agent.SetArea(Enum.TryParse<ViewArea>(e.Value as string, out var area) ? area : Agent.View.Area);
        return Changed();
    }

    private Task SetTone(ChangeEventArgs e) => SetView(Enum.TryParse<ViewTone>(e.Value as string, out var tone) ? Agent.View with { Tone = tone } : Agent.View);

    private Task SetScale(ChangeEventArgs e) =>
        double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && double.IsFinite(scale)
            ? SetView(Agent.View with { Scale = Math.Clamp(scale, ViewFrame.MinScale, ViewFrame.MaxEnlargement) is not 1 and var set ? set : null })
            : Changed();

    private Task SetEdge(ChangeEventArgs e, Func<double, NormalizedBox> change) =>
        double.TryParse(e.Value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) && double.IsFinite(percent)
            ? SetView(Agent.View with { Box = change(Math.Clamp(percent / 100, 0, 1)) })
            : Changed();

    private Task Allow(string tool, bool allowed)
    {
        Agent.Allow(tool, allowed);
        return Changed();
    }

    private Task SetAnswer(AnswerForm? form)
    {
        Agent.SetAnswer(form);
        return Changed();
    }

    private Task SetBegin(ChangeEventArgs e)
    {
        Agent.BeginsWithCall = e.Value is true;
        return Changed();
    }
}
