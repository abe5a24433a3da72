namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>What makes a well-written grammar unusable: rules that are missing, call themselves first, or never end.</summary>
internal static class GrammarChecks
{
    /// <exception cref="GrammarException">The first that is found.</exception>
    public static void Check(GrammarRules rules)
    {
        if (rules.Find("root") is not { } root)
        {
            throw new GrammarException("The grammar has no rule 'root'.");
        }
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (rules.Alternatives(rule) is null)
            {
                throw new GrammarException(rules.Line(rule), $"the rule '{rules.Name(rule)}' is not defined.");
            }
        }
        // A rule is nullable where some alternative has nullable rules only, and ends where some has rules that end only.
        CheckLeftRecursion(rules, Settle(rules, (element, settled) => element.Characters is null && settled[element.Rule]));
        var ends = Settle(rules, (element, settled) => element.Characters is not null || settled[element.Rule]);
        if (!ends[root])
        {
            throw new GrammarException(rules.Line(root), "no text ever completes the rule 'root': it always calls itself again.");
        }
    }

    /// <summary>The least set of rules with an alternative all of whose elements satisfy the predicate, given the set so far.</summary>
    private static bool[] Settle(GrammarRules rules, Func<GrammarElement, bool[], bool> predicate)
    {
        var settled = new bool[rules.Count];
        for (var changed = true; changed;)
        {
            changed = false;
            for (var rule = 0; rule < rules.Count; rule++)
            {
                if (!settled[rule] && rules.Alternatives(rule)!.Any(alternative => Array.TrueForAll(alternative, e => predicate(e, settled))))
                {
                    settled[rule] = changed = true;
                }
            }
        }
        return settled;
    }

    private static void CheckLeftRecursion(GrammarRules rules, bool[] nullable)
    {
        // Depth first without recursion: a rule met again while it is open calls itself before it has read anything.
        var state = new byte[rules.Count];
        var path = new Stack<(int Rule, IEnumerator<int> Calls)>();
        for (var start = 0; start < rules.Count; start++)
        {
            Open(start);
            while (path.TryPeek(out var top))
            {
                if (top.Calls.MoveNext())
                {
                    Open(top.Calls.Current);
                }
                else
                {
                    state[top.Rule] = 2;
                    path.Pop();
                }
            }
        }

        void Open(int rule)
        {
            if (state[rule] == 1)
            {
                throw new GrammarException(rules.Line(rule), $"the rule '{rules.Name(rule)}' can call itself before reading anything (left recursion).");
            }
            if (state[rule] == 0)
            {
                state[rule] = 1;
                path.Push((rule, FirstCalls(rules, rule, nullable).GetEnumerator()));
            }
        }
    }

    private static IEnumerable<int> FirstCalls(GrammarRules rules, int rule, bool[] nullable)
    {
        foreach (var alternative in rules.Alternatives(rule)!)
        {
            foreach (var element in alternative)
            {
                if (element.Characters is not null)
                {
                    break;
                }
                yield return element.Rule;
                if (!nullable[element.Rule])
                {
                    break;
                }
            }
        }
    }
}
