using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Exchange;
using MuseWorkbench.Curation.Experiments.Results;

namespace MuseWorkbench.Curation.Experiments.Reports;

/// <summary>One team's part in an experiment as a log for Inspect's viewer and tools: a sample for each case, an epoch for each repeat.</summary>
internal static class InspectLogReport
{
    private const string Scorer = "score";

    /// <param name="team">Index of the team.</param>
    public static async Task WriteAsync(ExperimentResults results, int team, IAsyncEnumerable<MatrixRow> rows, IImageStore images, Stream into, CancellationToken cancellationToken)
    {
        var (experiment, result) = (results.Experiment, results.Teams[team]);
        var model = $"muse/{result.Name}";
        await using var log = new InspectLogArchive(into);
        var (ids, samples, last) = (new JsonArray(), 0, experiment.CreatedAt);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            ids.Add(row.Case.Key.CaseId);
            foreach (var cell in row.Cells.Where(cell => cell.Team == team && cell.Result is not null).OrderBy(cell => cell.Repeat))
            {
                var sample = await SampleAsync(row.Case.Case, cell.Repeat + 1, images, cancellationToken);
                Answer(sample, cell, model);
                await log.AddAsync(sample, cancellationToken);
                (samples, last) = (samples + 1, last > cell.Result!.FinishedAt ? last : cell.Result.FinishedAt);
            }
        }

        var header = InspectLogFormat.HeaderOf(experiment.DatasetName, model, experiment.CreatedAt, ids, experiment.Repeats, experiment.State == ExperimentState.Cancelled ? "cancelled" : result.Open > 0 ? "started" : "success");
        header["eval"]!["task_version"] = experiment.Version;
        header["eval"]!["eval_id"] = $"{experiment.Id:N}-{team}";
        header["eval"]!["run_id"] = experiment.Id.ToString("N");
        header["plan"]!["steps"] = new JsonArray(new JsonObject { ["solver"] = experiment.Teams[team].Spec.Strategy, ["params"] = new JsonObject { ["team"] = result.Name, ["hash"] = result.Hash } });
        header["results"] = Results(result, samples);
        header["stats"]!["completed_at"] = InspectLogFormat.Time(last);
        await log.FinishAsync(header, cancellationToken);
    }

    private static async Task<JsonObject> SampleAsync(Case @case, int epoch, IImageStore images, CancellationToken cancellationToken)
    {
        var loaded = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(@case.Images.Length);
        foreach (var image in @case.Images)
        {
            if (await images.ReadAsync(image.Sha256, cancellationToken) is { } bytes)
                loaded.Add(bytes);
        }
        // Where one is gone, none can be told apart by its place.
        return loaded.Count == @case.Images.Length
            ? InspectLogArchive.Sample(@case, loaded.MoveToImmutable(), epoch)
            : InspectLogArchive.Sample(@case with { Images = [] }, [], epoch);
    }

    private static void Answer(JsonObject sample, ExperimentCell cell, string model)
    {
        var result = cell.Result!;
        var usage = new JsonObject { ["output_tokens"] = result.Tokens, ["total_tokens"] = result.Tokens };
        var messages = (JsonArray)sample["input"]!.DeepClone();
        if (result.Answer is { } answer)
        {
            var said = new JsonObject { ["role"] = "assistant", ["content"] = answer, ["source"] = "generate", ["model"] = model };
            messages.Add(said.DeepClone());
            sample["output"] = new JsonObject
            {
                ["model"] = model,
                ["choices"] = new JsonArray(new JsonObject { ["message"] = said, ["stop_reason"] = "stop" }),
                ["completion"] = answer,
                ["usage"] = usage.DeepClone(),
                ["time"] = result.WallClockMs / 1000,
            };
        }
        sample["messages"] = messages;
        if (result.Score is { } score)
        {
            sample["scores"] = new JsonObject
            {
                [Scorer] = new JsonObject
                {
                    ["value"] = score,
                    ["answer"] = result.Answer,
                    ["explanation"] = string.Join('\n', result.Assertions.Select(assertion => $"{assertion.Type}: {assertion.Reason}")),
                    ["metadata"] = new JsonObject { ["passed"] = result.Passed },
                },
            };
        }
        if (result.Error is { } error)
            sample["error"] = new JsonObject { ["message"] = error, ["traceback"] = "", ["traceback_ansi"] = "" };
        sample["model_usage"] = new JsonObject { [model] = usage };
        sample["completed_at"] = InspectLogFormat.Time(result.FinishedAt);
        sample["total_time"] = result.WallClockMs / 1000;
        sample["uuid"] = cell.RunId?.ToString("N");
        var metadata = sample["metadata"] as JsonObject ?? [];
        (metadata["run"], metadata["seed"]) = (cell.RunId?.ToString(), cell.Seed);
        sample["metadata"] ??= metadata;
    }

    private static JsonObject Results(TeamResult team, int samples)
    {
        var metrics = new JsonObject();
        if (team.Summary.Accuracy is { } accuracy)
        {
            foreach (var (name, value) in new[] { ("mean", accuracy.Value), ("lower95", accuracy.Lower), ("upper95", accuracy.Upper) })
                metrics[name] = new JsonObject { ["name"] = name, ["value"] = value, ["params"] = new JsonObject() };
        }
        return new JsonObject
        {
            ["total_samples"] = samples + team.Open,
            ["completed_samples"] = samples,
            ["scores"] = new JsonArray(new JsonObject { ["name"] = Scorer, ["scorer"] = Scorer, ["params"] = new JsonObject(), ["metrics"] = metrics }),
        };
    }
}
