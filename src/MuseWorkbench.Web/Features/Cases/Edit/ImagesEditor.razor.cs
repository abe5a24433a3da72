using Microsoft.AspNetCore.Components;
using MuseWorkbench.Core;
using MuseWorkbench.Curation.Cases;
using MuseWorkbench.Web.Features.Workbench.Compose;

namespace MuseWorkbench.Web.Features.Cases.Edit;

/// <summary>A case's images and the places in them.</summary>
public sealed partial class ImagesEditor
{
    // What is dropped, pasted or browsed arrives as it does at the workbench.
    private readonly ComposerModel _uploads = new();
    private CaseForm? _form;
    private int _index;
    private int? _selected;

    [Parameter, EditorRequired] public required CaseForm Form { get; set; }
    [Parameter] public IReadOnlyList<CaseProblem> Problems { get; set; } = [];
    [Parameter] public bool IsReadOnly { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private ImageRef? Current => _index < Form.Images.Count ? Form.Images[_index] : null;

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_form, Form))
            return;
        _form = Form;
        (_index, _selected) = (Math.Clamp(_index, 0, Math.Max(0, Form.Images.Count - 1)), null);
        foreach (var image in _uploads.Images.ToArray())
            _uploads.Remove(image);
        foreach (var image in Form.Images)
            _uploads.Add(image);
    }

    private void Show(int index) => (_index, _selected) = (index, null);

    private Task TakeAsync()
    {
        foreach (var image in _uploads.Images.Where(image => Form.Images.All(other => other.Sha256 != image.Sha256)).ToArray())
        {
            Form.Images.Add(image);
            Show(Form.Images.Count - 1);
        }
        return OnChanged.InvokeAsync();
    }

    private Task RemoveAsync(ImageRef image)
    {
        Form.Remove(image);
        if (_uploads.Images.FirstOrDefault(other => other.Sha256 == image.Sha256) is { } taken)
            _uploads.Remove(taken);
        Show(Math.Clamp(_index, 0, Math.Max(0, Form.Images.Count - 1)));
        return OnChanged.InvokeAsync();
    }

    // For who draws by numbers: a box in the middle to begin with.
    private Task AddPlaceAsync()
    {
        if (Form.Regions.Count >= CaseLimits.Regions)
            return Task.CompletedTask;
        Form.Regions.Add(new RegionForm(new Region("", 0.375, 0.375, 0.625, 0.625, _index)));
        _selected = Form.Regions.Count - 1;
        return OnChanged.InvokeAsync();
    }
}
