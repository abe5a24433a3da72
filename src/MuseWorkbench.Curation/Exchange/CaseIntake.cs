using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Curation.Exchange;

/// <summary>What a format reads goes in here: each record by itself, so that what is wrong with one is said of that one.</summary>
public sealed class CaseIntake
{
    private const int MaxImageName = 200;

    /// <summary>Most teams and runs of a bundle.</summary>
    private const int MaxParts = 5_000;

    /// <summary>Longest file of one.</summary>
    private const int MaxPartBytes = 64 << 20;

    private readonly Func<ReadOnlyMemory<byte>, string, CancellationToken, Task<ImageRef>> _image;
    private readonly Action<int>? _progress;
    private readonly CaseProvenance _provenance;
    private readonly List<Case> _cases = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImageRef> _byName = new(StringComparer.Ordinal);
    private readonly List<ImportRemark> _faults = [], _skipped = [];
    private readonly List<string> _notes = [];
    private readonly List<IntakePart> _parts = [];
    private readonly IBundleCompany? _company;

    /// <param name="company">Takes what goes along with cases; null where nothing does.</param>
    /// <param name="image">Gives an image's reference by its bytes and name; throws <see cref="UnusableRecordException"/> where it is refused.</param>
    internal CaseIntake(
        ICaseFormat format, string source, Func<ReadOnlyMemory<byte>, string, CancellationToken, Task<ImageRef>> image, Action<int>? progress, IBundleCompany? company)
    {
        (_image, _progress, _company) = (image, progress, company);
        _provenance = new CaseProvenance { Format = format.Id, Source = source };
    }

    internal IReadOnlyList<Case> Cases => _cases;

    /// <summary>Teams and runs that go along.</summary>
    internal IReadOnlyList<IntakePart> Parts => _parts;

    internal ImportReport Report => new()
    {
        Format = _provenance.Format!,
        Taken = _cases.Count,
        Faults = [.. _faults],
        FaultCount = FaultCount,
        Skipped = [.. _skipped],
        SkippedCount = SkippedCount,
        Notes = [.. _notes],
    };

    private int FaultCount { get; set; }
    private int SkippedCount { get; set; }

    /// <summary>Takes one record, or says why not.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="read">Reads it; a case without an id gets one from its content.</param>
    internal async Task RecordAsync(string place, Func<Task<Case>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Take(await read());
            if (_cases.Count % 20 == 0)
                _progress?.Invoke(_cases.Count);
        }
        catch (MalformedRecordException e)
        {
            Fault(place, e.Message);
        }
        catch (UnusableRecordException e)
        {
            Skip(place, e.Message);
        }
    }

    /// <summary>Takes a team or a run that goes along, or says why not.</summary>
    /// <param name="image">Finds an image of the import by its SHA-256.</param>
    internal async Task PartAsync(IImportFiles files, string name, BundlePart part, Func<string, Task<ImageRef>> image, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_company is null)
        {
            Note("Teams and runs that go along are left out here.");
            return;
        }
        try
        {
            if (_parts.Count == MaxParts)
                throw new MalformedRecordException(string.Create(CultureInfo.InvariantCulture, $"There are more than {MaxParts:N0} teams and runs, which is the most that is taken."));
            var content = await ImportText.ReadBytesAsync(files, name, MaxPartBytes, cancellationToken)
                ?? throw new MalformedRecordException($"It is larger than {MaxPartBytes >> 20} MB, which is the most that is read.");
            var check = await _company.CheckAsync(part, content, cancellationToken);
            if (check.Skip is { } reason)
                throw new UnusableRecordException(reason);
            foreach (var sha256 in check.Images)
                await image(sha256);
            _parts.Add(new IntakePart(name, part, check.Images));
        }
        catch (Exception e) when (e is BundlePartException or MalformedRecordException)
        {
            Fault(FileNames.Show(name), e.Message);
        }
        catch (UnusableRecordException e)
        {
            Skip(FileNames.Show(name), e.Message);
        }
    }

    /// <summary>An image of the import by its name in it.</summary>
    /// <exception cref="UnusableRecordException">It is not there, or refused.</exception>
    internal async Task<ImageRef> ImageAsync(IImportFiles files, string name, CancellationToken cancellationToken)
    {
        if (_byName.TryGetValue(name, out var known))
            return known;
        if (!files.Contains(name))
            throw new UnusableRecordException($"The image '{FileNames.Show(name)}' is not there.");
        var bytes = await ImportText.ReadBytesAsync(files, name, ImageLimits.Default.MaxBytes, cancellationToken)
            ?? throw new UnusableRecordException($"The image '{FileNames.Show(name)}' is larger than {ImageLimits.Default.MaxBytes >> 20} MB, which is the most that is accepted.");
        var image = await ImageAsync(bytes, FileNames.Last(name), cancellationToken);
        return _byName[name] = image;
    }

    /// <summary>An image that stands in a record itself.</summary>
    /// <exception cref="UnusableRecordException">It is refused.</exception>
    internal Task<ImageRef> ImageAsync(ReadOnlyMemory<byte> bytes, string name, CancellationToken cancellationToken) =>
        _image(bytes, name.Length > MaxImageName ? name[..MaxImageName] : name, cancellationToken);

    /// <summary>Something can't be read: nothing will be kept.</summary>
    internal void Fault(string place, string reason)
    {
        FaultCount++;
        if (_faults.Count < ImportReport.MaxRemarks)
            _faults.Add(new ImportRemark(place, reason));
    }

    /// <summary>Something makes no case.</summary>
    internal void Skip(string place, string reason)
    {
        SkippedCount++;
        if (_skipped.Count < ImportReport.MaxRemarks)
            _skipped.Add(new ImportRemark(place, reason));
    }

    /// <summary>Something that cases don't hold; said once.</summary>
    internal void Note(string note)
    {
        if (_notes.Count < ImportReport.MaxRemarks && !_notes.Contains(note))
            _notes.Add(note);
    }

    private void Take(Case read)
    {
        var @case = Normalise(read);
        if (CaseRules.Check(@case) is { IsEmpty: false } problems)
            throw new UnusableRecordException(string.Join(' ', problems));
        if (!_ids.Add(@case.Id))
            throw new UnusableRecordException($"The id '{FileNames.Show(@case.Id)}' stands twice; the first is taken.");
        if (_cases.Count == CaseLimits.CasesPerDataset)
            throw new MalformedRecordException(string.Create(CultureInfo.InvariantCulture, $"There are more than {CaseLimits.CasesPerDataset:N0} cases, which is the most that is taken."));
        _cases.Add(@case);
    }

    private Case Normalise(Case read)
    {
        try
        {
            var @case = CaseRules.Normalise(read with { Provenance = read.Provenance ?? _provenance });
            var hash = CaseContent.Hash(@case); // also shows that it can be written
            return @case.Id.Length > 0 ? @case : @case with { Id = $"case-{hash[..16]}" };
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new MalformedRecordException("A text in it holds half a character.");
        }
    }
}

/// <summary>A team or a run that goes along.</summary>
/// <param name="Name">Its file in the import.</param>
internal sealed record IntakePart(string Name, BundlePart Part, ImmutableArray<string> Images);
