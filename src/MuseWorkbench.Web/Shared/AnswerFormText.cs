using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Shared;

/// <summary>Forms of answer in words.</summary>
public static class AnswerFormText
{
    /// <summary>What is explained where a form is chosen.</summary>
    public const string Tip = "JSON of a known shape, shown on the image: dots and cards on foods, steps at their parts, values where they were read. Wants a model that can write it; agents then call no tools.";

    /// <summary>For a list to choose from.</summary>
    public static string Name(AnswerForm? form) => form switch
    {
        AnswerForm.Food => "Foods with scores",
        AnswerForm.Steps => "Steps at their parts",
        AnswerForm.Values => "Values read off",
        _ => "Free text",
    };

    /// <summary>The form a list's value stands for; null is free text.</summary>
    public static AnswerForm? Read(string? value) => Enum.TryParse<AnswerForm>(value, out var form) && Enum.IsDefined(form) ? form : null;
}
