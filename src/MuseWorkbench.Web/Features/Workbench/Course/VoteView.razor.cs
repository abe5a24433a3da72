using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>The vote over time: stacked by answer, and each vote as it was cast.</summary>
public sealed partial class VoteView : LiveComponent
{
    [Parameter, EditorRequired] public required RunViewModel Run { get; set; }

    protected override object Stamp => (Run, Run.VoteVersion, Run.Votes.Count, (Run.AsOf ?? Run.LastAt).UtcTicks / (TimeSpan.TicksPerMillisecond * 500));

    private VoteCourse Model { get; set; } = new(1, 1, [], [], null);

    protected override bool ShouldRender()
    {
        var render = base.ShouldRender();
        if (render)
        {
            Model = VoteCourse.From(Run);
        }

        return render;
    }

    protected override void OnInitialized() => Model = VoteCourse.From(Run);

    private string Spoken => string.Join("; ", Model.Casts.Select(cast => $"{Fmt.Ms(cast.Ms)} {cast.Agent.Name}: {Web.Shared.Text.Shorten(cast.Answer, 40)}"));

    private static string Measure(VoteBand band) => band.Points is [.., var last]
        ? band.Agents.Length > 0 && last.High - last.Low != band.Agents.Length ? $"{band.Agents.Length} · weight {Fmt.Css(Math.Round(last.High - last.Low, 1))}" : Fmt.Css(last.High - last.Low)
        : "";

    // Steps: a vote counts from the moment it was cast, and not before.
    private string Path(VoteBand band)
    {
        var (upper, lower) = (new StringBuilder(), new List<string>());
        for (var i = 0; i < band.Points.Length; i++)
        {
            var point = band.Points[i];
            var (from, to) = (X(point.Ms), i + 1 < band.Points.Length ? X(band.Points[i + 1].Ms) : 1000);
            upper.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{from:0.#} {Y(point.High):0.#}L{to:0.#} {Y(point.High):0.#}");
            lower.Add(string.Create(CultureInfo.InvariantCulture, $"L{to:0.#} {Y(point.Low):0.#}L{from:0.#} {Y(point.Low):0.#}"));
        }

        lower.Reverse();
        return $"{upper}{string.Concat(lower)}Z";
    }

    private double X(double ms) => Math.Clamp(ms / Model.SpanMs, 0, 1) * 1000;

    private double Y(double votes) => 100 - (votes / Model.Top * 98);
}
