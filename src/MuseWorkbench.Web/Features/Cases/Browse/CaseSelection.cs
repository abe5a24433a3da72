namespace MuseWorkbench.Web.Features.Cases.Browse;

/// <summary>Which cases of a list are selected: those named, or all that match but those named.</summary>
public sealed class CaseSelection
{
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    /// <summary>Whether all that match are selected, now and as they are found later.</summary>
    public bool IsAll { get; private set; }

    /// <summary>Where a range begins: the case that was selected last, by its index; null for none.</summary>
    public int? Anchor { get; set; }

    public bool Contains(string caseId) => _named.Contains(caseId) != IsAll;

    /// <param name="matching">Cases in the list.</param>
    public int Count(int matching) => IsAll ? Math.Max(0, matching - _named.Count) : _named.Count;

    public void Set(IEnumerable<string> caseIds, bool selected)
    {
        foreach (var id in caseIds)
        {
            if (selected == IsAll)
                _named.Remove(id);
            else
                _named.Add(id);
        }
    }

    public void SelectAll()
    {
        Clear();
        IsAll = true;
    }

    public void Clear()
    {
        _named.Clear();
        (IsAll, Anchor) = (false, null);
    }
}
