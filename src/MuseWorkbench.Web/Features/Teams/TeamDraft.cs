using System.Collections.Immutable;
using MuseWorkbench.Agents.Runs;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Teams;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>A team under edit. Touched on the circuit's dispatcher only.</summary>
public sealed class TeamDraft
{
    /// <summary>Tokens of the question a cost is reckoned for, which goes with one image.</summary>
    public const int UsualQuestion = 32;

    private readonly StrategyCatalogue _strategies;
    private readonly List<AgentDraft> _agents;
    private readonly string _keptHash;

    /// <param name="strategies">What it may choose from.</param>
    /// <param name="spec">The team as it is.</param>
    /// <param name="isKept">Whether it is kept like this: then saving it as it is changes nothing.</param>
    public TeamDraft(StrategyCatalogue strategies, TeamSpec spec, bool isKept)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _strategies = strategies;
        _agents = [.. spec.Agents.Select(agent => new AgentDraft(agent))];
        (Name, Strategy, Options) = (spec.Name, spec.Strategy, spec.Options);
        Lead = spec.Lead is null ? null : new AgentDraft(spec.Lead);
        _keptHash = isKept ? TeamHash.Of(spec) : "";
    }

    public string Name { get; set; }
    public string Strategy { get; private set; }
    public StrategyOptions? Options { get; set; }
    public IReadOnlyList<AgentDraft> Agents => _agents;
    /// <summary>The team's own lead; null for the usual one.</summary>
    public AgentDraft? Lead { get; private set; }

    public bool IsChanged => TeamHash.Of(ToSpec()) != _keptHash;

    public StrategyInfo? Info => _strategies.Find(Strategy)?.Info;

    /// <summary>Why it can't be run or kept, in words; null when it can.</summary>
    public string? Fault
    {
        get
        {
            var spec = ToSpec();
            return spec.Name.Length == 0 ? "Give the team a name."
                : spec.Agents.Any(agent => agent.Name.Length == 0) ? "Give every agent a name."
                : TeamRules.Fault(spec) ?? _strategies.Fault(spec);
        }
    }

    /// <summary>What a run costs at most with a usual prompt; null while the team can't be run.</summary>
    /// <param name="modelOf">What is known of a model by its id, null being the default one.</param>
    public CostEstimate? CostBy(Func<string?, ModelInfo?> modelOf) =>
        Fault is null && _strategies.Find(Strategy) is { } strategy ? CostEstimate.Of(strategy, ToSpec(), UsualQuestion, images: 1, modelOf) : null;

    public TeamSpec ToSpec() => new()
    {
        Name = Name.Trim(), Strategy = Strategy, Options = Options,
        Agents = [.. _agents.Select(agent => agent.ToSpec())],
        Lead = Lead?.ToSpec(),
    };

    public void Use(IStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        (Strategy, Options) = (strategy.Name, null);
        if (strategy.Info.Lead is null)
        {
            Lead = null;
        }
    }

    /// <summary>Adds a copy of an agent, or of the last one.</summary>
    public void AddAgent(AgentDraft? like = null)
    {
        if (_agents.Count >= TeamSpec.MaxAgents)
        {
            return;
        }

        var preset = TeamPresets.Agent(_agents.Count + 1);
        var model = (like ?? _agents.LastOrDefault())?.ToSpec() ?? preset;
        _agents.Insert(like is null ? _agents.Count : _agents.IndexOf(like) + 1, new AgentDraft(model with { Name = like is null ? preset.Name : $"{model.Name} copy" }));
    }

    public void RemoveAgent(AgentDraft agent)
    {
        if (_agents.Count > TeamSpec.MinAgents)
        {
            _agents.Remove(agent);
        }
    }

    /// <summary>Gives each agent another view.</summary>
    public void SpreadViews()
    {
        foreach (var (view, agent) in ViewSpread.Of(_agents.Count).Zip(_agents))
        {
            agent.View = view ?? new ViewSpec();
        }
    }

    /// <summary>Gives it a lead of its own, begun as the usual one, or takes it away.</summary>
    public void SetLead(bool own) => Lead = own ? Lead ?? new AgentDraft(ToSpec().LeadOrDefault) : null;
}
