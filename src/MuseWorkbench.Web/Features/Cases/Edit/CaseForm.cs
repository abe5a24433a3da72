using System.Collections.Immutable;
using System.Text.Json;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>
/// A case under edit, as it is typed: nothing is tidied or refused before it is saved, so that nothing typed is lost.
/// Touched on the circuit's dispatcher only.
/// </summary>
public sealed class CaseForm
{
    private readonly Case? _kept;
    private readonly string _keptHash;

    /// <param name="kept">The case as it is kept; null for a new one.</param>
    public CaseForm(Case? kept)
    {
        _kept = kept;
        Id = kept?.Id ?? "";
        Prompt = kept?.Prompt ?? "";
        Images = [.. kept?.Images ?? []];
        Choices = [.. kept?.Choices ?? []];
        Expected = kept?.Expected ?? "";
        Regions = [.. (kept?.Regions ?? []).Select(region => new RegionForm(region))];
        Table = kept?.Table ?? "";
        Assertions = AssertionList.Of(kept?.Assertions ?? []);
        Tags = [.. kept?.Tags ?? []];
        Split = kept?.Split ?? "";
        Notes = kept?.Notes ?? "";
        Provenance = kept?.Provenance;
        _keptHash = Print(ToCase());
    }

    public bool IsNew => _kept is null;

    /// <summary>Can be chosen as long as the case is new.</summary>
    public string Id { get; set; }

    public string Prompt { get; set; }
    public List<ImageRef> Images { get; }
    public List<string> Choices { get; }
    public string Expected { get; set; }
    public List<RegionForm> Regions { get; }
    public string Table { get; set; }
    public AssertionList Assertions { get; }
    public List<string> Tags { get; }
    public string Split { get; set; }
    public string Notes { get; set; }
    public CaseProvenance? Provenance { get; }

    /// <summary>Whether saving would change something.</summary>
    public bool IsChanged => Print(ToCase()) != _keptHash;

    /// <summary>What was read when editing began; null for a new case.</summary>
    public string? BaseHash => _kept is null ? null : CaseContent.Hash(_kept);

    /// <summary>The case as it would be kept. A new one without an id gets one from its content.</summary>
    public Case ToCase()
    {
        var @case = CaseRules.Normalise(new Case
        {
            Id = Id,
            Prompt = Prompt,
            Images = [.. Images],
            Choices = [.. Choices.Where(choice => !string.IsNullOrWhiteSpace(choice))],
            Expected = Expected,
            Regions = [.. Regions.Select(region => region.ToRegion())],
            Table = Table,
            Assertions = Assertions.ToElements(),
            Tags = [.. Tags],
            Split = Split,
            Notes = Notes,
            Provenance = Provenance,
        });
        return @case.Id.Length > 0 ? @case : @case with { Id = $"case-{CaseContent.Hash(@case)[..16]}" };
    }

    /// <summary>What keeps it from being saved, by the fields' JSON names.</summary>
    public ImmutableArray<CaseProblem> FindProblems() =>
        [.. CaseRules.FindProblems(ToCase()), .. Assertions.Fault is { } fault ? [new CaseProblem("assertions", fault)] : Array.Empty<CaseProblem>()];

    /// <summary>Takes an image away, and with it the places in it.</summary>
    public void Remove(ImageRef image)
    {
        var index = Images.IndexOf(image);
        if (index < 0)
            return;
        Images.RemoveAt(index);
        Regions.RemoveAll(region => region.ImageIndex == index);
        foreach (var region in Regions.Where(region => region.ImageIndex > index))
            region.ImageIndex--;
    }

    // Beside the content also what can't become a case yet.
    private string Print(Case @case) =>
        $"{(IsNew ? Id.Trim() : "")}\n{CaseContent.Hash(@case with { Id = "x" })}\n{string.Join('\n', @case.Images.Select(image => image.Name))}\n{Assertions.Raw}";
}
