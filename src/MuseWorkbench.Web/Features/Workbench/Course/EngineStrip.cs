using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Features.Workbench.State;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Course;

/// <summary>One of the engine's measures over a run's time: an area in a box of 1000 × 100, y downwards.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Tip">What it means.</param>
/// <param name="Most">The top of the scale, in words.</param>
/// <param name="Colour">A custom property of <c>css/tokens.css</c>.</param>
/// <param name="Area">The area's path.</param>
/// <param name="Line">Its upper edge alone.</param>
/// <param name="Text">The course in words.</param>
public sealed record EngineStrip(string Name, string Tip, string Most, string Colour, string Area, string Line, string Text)
{
    /// <summary>Batch occupancy and KV use; none where the run has no record of the engine.</summary>
    public static ImmutableArray<EngineStrip> From(RunViewModel run, TimeAxis axis)
    {
        ArgumentNullException.ThrowIfNull(run);
        var samples = run.Engine.Where(sample => axis.MsOf(sample.At) >= 0).ToArray();
        if (samples.Length == 0)
        {
            return [];
        }

        var rows = Math.Max(1, samples.Max(sample => sample.MeanRows));
        var cells = Math.Max(1, samples.Max(sample => Used(sample.Kv)));
        return
        [
            Draw("batch rows", $"Sequences the engine decoded together, of at most {Fmt.Count(samples[^1].RowCapacity)}; all runs on it", $"{Rows(rows)}", "--s1",
                sample => sample.MeanRows / rows, $"at most {Rows(rows)} of {Fmt.Count(samples[^1].RowCapacity)} rows"),
            Draw("KV cells", $"Cells of the engine's memory of tokens in use, of {Fmt.Count(samples[^1].Kv.Capacity)}; all runs on it", Fmt.Count(cells), "--s3",
                sample => (double)Used(sample.Kv) / cells, $"at most {Fmt.Count(cells)} of {Fmt.Count(samples[^1].Kv.Capacity)} cells"),
        ];

        EngineStrip Draw(string name, string tip, string most, string colour, Func<EngineSampled, double> share, string text)
        {
            var line = new StringBuilder();
            var first = axis.ShareOf(samples[0].At.AddMilliseconds(-samples[0].IntervalMs)) * 1000;
            var last = first;
            foreach (var sample in samples)
            {
                // What a sample says holds for the time since the one before; they may arrive a little late or early.
                var y = 100 - (96 * share(sample));
                var to = axis.ShareOf(sample.At) * 1000;
                line.Append(CultureInfo.InvariantCulture, $"{(line.Length == 0 ? 'M' : 'L')}{last:0.#} {y:0.#}L{to:0.#} {y:0.#}");
                last = to;
            }

            var area = string.Create(CultureInfo.InvariantCulture, $"{line}L{last:0.#} 100L{first:0.#} 100Z");
            return new EngineStrip(name, tip, most, colour, area, line.ToString(), $"{name}: {text}");
        }
    }

    /// <summary>Cells in use.</summary>
    public static int Used(KvCells kv) => kv is null ? 0 : kv.Pinned + kv.Shared + kv.Private;

    /// <summary>A mean of rows.</summary>
    public static string Rows(double rows) => rows.ToString(rows < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture);
}
