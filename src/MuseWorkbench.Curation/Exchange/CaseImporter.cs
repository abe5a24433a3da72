using System.Security.Cryptography;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>
/// Takes cases in: all that a report lists as taken, in one transaction, or nothing. The files are read twice. The first
/// reading checks everything and keeps nothing; only when it found no fault does the second put the images where they
/// belong, and then the cases are saved. Teams and runs that go along are kept just before the cases, and taken back where those
/// can't be saved. Thread-safe.
/// </summary>
/// <param name="company">Takes teams and runs; null where there is no place for them.</param>
public sealed class CaseImporter(ICaseStore store, ICaseImages images, IBundleCompany? company = null)
{
    /// <param name="files">What to read.</param>
    /// <param name="target">Where to.</param>
    /// <param name="format">How to; null for whichever recognises the files.</param>
    /// <param name="decide">Asked where taken images are there already or look alike, before any case is saved; null keeps all.</param>
    /// <returns>What was taken and what not. Nothing that is wrong with the files is thrown.</returns>
    public async Task<ImportReport> ImportAsync(
        IImportFiles files, ImportTarget target, ICaseFormat? format = null, IProgress<ImportProgress>? progress = null, DecideTwins? decide = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(target);
        format ??= CaseFormats.Recognise(files);
        if (format is null)
            return Refused("", "None of the formats that can be imported was recognised.");
        try
        {
            return await new Import(store, images, company, files, format, progress).RunAsync(target, decide, cancellationToken);
        }
        catch (ImportRefusedException e)
        {
            return Refused(format.Id, e.Message);
        }
    }

    /// <summary>A report of files that could not even be opened.</summary>
    public static ImportReport Refused(string format, string reason) =>
        new() { Format = format, Faults = [new ImportRemark("", reason)], FaultCount = 1 };

    private sealed class Import(
        ICaseStore store, ICaseImages images, IBundleCompany? company, IImportFiles files, ICaseFormat format, IProgress<ImportProgress>? progress)
    {
        private readonly Dictionary<string, ImageRef> _checked = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _refused = new(StringComparer.Ordinal);
        private readonly Dictionary<string, ulong> _prints = new(StringComparer.Ordinal);
        private readonly HashSet<string> _toKeep = new(StringComparer.Ordinal);
        private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

        public async Task<ImportReport> RunAsync(ImportTarget target, DecideTwins? decide, CancellationToken cancellationToken)
        {
            var intake = new CaseIntake(format, files.Name, CheckAsync, Progress(ImportStage.Checking), company);
            await format.ReadAsync(files, intake, cancellationToken);
            var report = intake.Report;
            if (report.FaultCount > 0)
                return report;
            if (intake.Cases.Count == 0)
                return report with { Faults = [new ImportRemark("", "There is no case in it that can be taken.")], FaultCount = 1 };
            var there = target.DatasetId is { } dataset ? await store.GetImagesAsync(dataset, cancellationToken) : [];
            report = report with { Twins = ImageTwins.Find(there, [.. intake.Cases.SelectMany(Images)]) };
            var cases = intake.Cases;
            if (decide is not null && report.Twins.Length > 0)
            {
                // To be decided they must be seen. They are stored by content: one that is then left out does no harm.
                await KeepImagesAsync(report.Twins.Select(twin => twin.Sha256), cancellationToken);
                var choices = await decide(report, cancellationToken);
                cases = TwinChoices.Apply(cases, report.Twins, there.Select(image => image.CaseId).ToHashSet(StringComparer.Ordinal), choices);
                report = report with { LeftOut = intake.Cases.Count - cases.Count };
            }
            await KeepImagesAsync(cases.SelectMany(@case => @case.Images).Select(image => image.Sha256).Concat(intake.Parts.SelectMany(part => part.Images)), cancellationToken);
            progress?.Report(new ImportProgress(ImportStage.Saving, 0));
            var undo = new Stack<Func<Task>>();
            try
            {
                report = await KeepPartsAsync(intake.Parts, report, undo, cancellationToken);
                return await SaveAsync(target, new CaseBatch(cases, _prints), report, cancellationToken);
            }
            catch
            {
                while (undo.TryPop(out var takeBack))
                    await takeBack();
                throw;
            }
        }

        private async Task<ImportReport> KeepPartsAsync(IReadOnlyList<IntakePart> parts, ImportReport report, Stack<Func<Task>> undo, CancellationToken cancellationToken)
        {
            foreach (var part in parts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    var content = await ImportText.ReadBytesAsync(files, part.Name, int.MaxValue, cancellationToken) ?? default;
                    if (await company!.KeepAsync(part.Part, content, cancellationToken) is not { } takeBack)
                        continue;
                    undo.Push(takeBack);
                    report = part.Part == BundlePart.Team ? report with { Teams = report.Teams + 1 } : report with { Runs = report.Runs + 1 };
                }
                catch (BundlePartException e)
                {
                    throw new ImportRefusedException($"{FileNames.Show(part.Name)}: {e.Message}", e);
                }
            }
            return report;
        }

        private async Task<ImportReport> SaveAsync(ImportTarget target, CaseBatch batch, ImportReport report, CancellationToken cancellationToken)
        {
            try
            {
                if (target.DatasetId is not { } id)
                {
                    var (dataset, created) = await store.CreateAsync(target.NewName!, batch, cancellationToken);
                    return report with { DatasetId = dataset.Id, Saved = created };
                }
                var saved = await store.SaveAsync(id, batch, cancellationToken) ?? throw new ImportRefusedException("The dataset is not there any more.");
                return report with { DatasetId = id, Saved = saved };
            }
            catch (InvalidOperationException e)
            {
                throw new ImportRefusedException(e.Message, e);
            }
        }

        private async Task KeepImagesAsync(IEnumerable<string> sha256s, CancellationToken cancellationToken)
        {
            _toKeep.UnionWith(sha256s.Where(sha256 => !_kept.Contains(sha256)));
            if (_toKeep.Count == 0)
                return;
            await format.ReadAsync(files, new CaseIntake(format, files.Name, KeepAsync, Progress(ImportStage.KeepingImages), company), cancellationToken);
            if (_toKeep.Count > 0)
                throw new ImportRefusedException("The files changed while they were read.");
        }

        private async Task<ImageRef> CheckAsync(ReadOnlyMemory<byte> bytes, string name, CancellationToken cancellationToken)
        {
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
            if (_checked.TryGetValue(sha256, out var known))
                return known with { Name = name };
            if (_refused.TryGetValue(sha256, out var reason))
                throw new UnusableRecordException(reason);
            try
            {
                if (ImageLimits.Default.Check(bytes.Span, out var header) is { } fault)
                    throw new CaseImageRefusedException(fault);
                if (await images.InspectAsync(bytes, cancellationToken) is { } print)
                    _prints[sha256] = print;
                return _checked[sha256] = new ImageRef(sha256, header.MediaType, header.Width, header.Height, name);
            }
            catch (CaseImageRefusedException e)
            {
                throw new UnusableRecordException(_refused[sha256] = $"The image '{FileNames.Show(name)}' is refused. {e.Message}");
            }
        }

        private async Task<ImageRef> KeepAsync(ReadOnlyMemory<byte> bytes, string name, CancellationToken cancellationToken)
        {
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
            if (!_checked.TryGetValue(sha256, out var image))
                throw new UnusableRecordException("The image was refused.");
            if (_toKeep.Contains(sha256))
            {
                await images.KeepAsync(bytes, image, cancellationToken);
                _toKeep.Remove(sha256);
                _kept.Add(sha256);
            }
            return image with { Name = name };
        }

        private IEnumerable<CaseImage> Images(Case @case) =>
            @case.Images.Select(image => new CaseImage(@case.Id, image.Sha256, _prints.TryGetValue(image.Sha256, out var print) ? print : null));

        private Action<int>? Progress(ImportStage stage) => progress is null ? null : cases => progress.Report(new ImportProgress(stage, cases));
    }
}

/// <summary>Decides what becomes of new cases whose pictures are there already.</summary>
/// <param name="report">What was checked, with the twins; nothing is saved yet, but the twins' images can be shown.</param>
/// <returns>Choices by the new case's id; a case without one is kept beside the other.</returns>
public delegate Task<IReadOnlyDictionary<string, TwinChoice>> DecideTwins(ImportReport report, CancellationToken cancellationToken);

/// <summary>Where an import goes: an existing dataset's draft, or a new dataset.</summary>
public sealed record ImportTarget
{
    private ImportTarget(Guid? datasetId, string? newName) => (DatasetId, NewName) = (datasetId, newName);

    public Guid? DatasetId { get; }
    public string? NewName { get; }

    public static ImportTarget Into(Guid dataset) => new(dataset, null);

    public static ImportTarget New(string name) => new(null, name);
}
