using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>What is to become of each selected case.</summary>
public enum BulkVerb { AddTag, RemoveTag, SetSplit }

/// <summary>A change of many cases.</summary>
/// <param name="Word">The tag or the split; empty takes the split away.</param>
public sealed record BulkChange(BulkVerb Verb, string Word)
{
    /// <summary>A case as it is afterwards, not yet checked.</summary>
    public Case Apply(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return Verb switch
        {
            BulkVerb.AddTag => @case with { Tags = @case.Tags.Add(Word) },
            BulkVerb.RemoveTag => @case with { Tags = @case.Tags.RemoveAll(tag => string.Equals(tag, Word, StringComparison.OrdinalIgnoreCase)) },
            _ => @case with { Split = Word },
        };
    }
}
