using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;
using MuseWorkbench.Web.Shared;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>The question, the team and the one button that matters.</summary>
public sealed partial class Composer
{
    [Parameter, EditorRequired] public required ComposerModel Model { get; set; }
    [Parameter] public bool IsRunning { get; set; }
    [Parameter] public bool IsStopping { get; set; }
    /// <summary>Whether an agent is thinking that could be told to answer.</summary>
    [Parameter] public bool MayAnswerNow { get; set; }
    [Parameter] public EventCallback OnAnswerNow { get; set; }
    [Parameter] public EventCallback OnRun { get; set; }
    [Parameter] public EventCallback OnStop { get; set; }

    private async Task AttachAsync(InputFileChangeEventArgs e)
    {
        try
        {
            // Bytes, of which a character may have three; the count of characters is checked with the rest.
            using var reader = new StreamReader(e.File.OpenReadStream(3 * CsvTable.MaxLength));
            Model.Notice = Model.Add(new TableFile(Text.Shorten(e.File.Name, 120), await reader.ReadToEndAsync()));
        }
        catch (IOException)
        {
            Model.Notice = $"{Text.Shorten(e.File.Name, 60)} is too large for a table: at most {CsvTable.MaxLength >> 10} thousand characters are read.";
        }
    }

    private void Dismiss(string uploadId) => Model.UploadEnded(uploadId);
}
