using System.Collections.Immutable;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Teams;

/// <summary>An agent under edit. Touched on the circuit's dispatcher only.</summary>
public sealed class AgentDraft
{
    private readonly AgentSpec _spec;

    public AgentDraft(AgentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _spec = spec;
        (Name, Role, Model, MaxTokens) = (spec.Name, spec.Role ?? "", spec.Model ?? "", spec.MaxTokens);
        (Temperature, TopP, TopK, MinP, Seed) = (spec.Sampling.Temperature, spec.Sampling.TopP, spec.Sampling.TopK, spec.Sampling.MinP, spec.Sampling.Seed);
        View = spec.View ?? new ViewSpec();
        Tools = ToolNames.AllowedTo(spec);
        BeginsWithCall = spec.ToolUse == ToolUse.Required;
        Answer = spec.Answer;
    }

    /// <summary>Keeps its row while others come and go.</summary>
    public Guid Key { get; } = Guid.NewGuid();

    public string Name { get; set; }
    public string Role { get; set; }
    /// <summary>Empty for the run's default model.</summary>
    public string Model { get; set; }
    public double Temperature { get; set; }
    public double TopP { get; set; }
    public int TopK { get; set; }
    public double MinP { get; set; }
    public uint? Seed { get; set; }
    public int MaxTokens { get; set; }
    /// <summary>How it sees images.</summary>
    public ViewSpec View { get; set; }
    /// <summary>The tools it may call.</summary>
    public ImmutableArray<string> Tools { get; private set; }
    /// <summary>Whether its first turn must be a tool call.</summary>
    public bool BeginsWithCall { get; set; }

    /// <summary>The form of its answer; null leaves it free.</summary>
    public AnswerForm? Answer { get; private set; }

    /// <summary>Chooses a form of answer. With one it calls no tools; without, it may call the usual ones again.</summary>
    public void SetAnswer(AnswerForm? form)
    {
        if (form is null != Answer is null)
        {
            (Tools, BeginsWithCall) = (form is null ? ToolNames.Usual : [], false);
        }

        Answer = form;
    }

    /// <summary>Chooses an area; a box begins as the middle of the image.</summary>
    public void SetArea(ViewArea area) => View = View with { Area = area, Box = area == ViewArea.Box ? View.Box ?? new NormalizedBox(0.25, 0.25, 0.75, 0.75) : null };

    /// <summary>Lets it call a tool, or not; tools stay in the order they are offered.</summary>
    public void Allow(string tool, bool allowed)
    {
        Tools = [.. ToolNames.All.Where(name => name == tool ? allowed : Tools.Contains(name))];
        // A tool and a form exclude each other; what was chosen last counts.
        Answer = Tools.IsEmpty ? Answer : null;
    }

    /// <summary>What has no field here stays as it was.</summary>
    public AgentSpec ToSpec() => _spec with
    {
        Name = Name.Trim(),
        Role = string.IsNullOrWhiteSpace(Role) ? null : Role.Trim(),
        Model = string.IsNullOrWhiteSpace(Model) ? null : Model.Trim(),
        MaxTokens = MaxTokens,
        // Unchanged ones stay as they were written: what is meant by leaving out is the same team, but not the same text.
        View = View == (_spec.View ?? new ViewSpec()) ? _spec.View : View == new ViewSpec() ? null : View,
        Answer = Answer,
        Tools = Answer == _spec.Answer && Tools.SequenceEqual(ToolNames.AllowedTo(_spec)) ? _spec.Tools : Tools.SequenceEqual(Answer is null ? ToolNames.Usual : []) ? null : Tools,
        ToolUse = BeginsWithCall == (_spec.ToolUse == ToolUse.Required) ? _spec.ToolUse : BeginsWithCall ? ToolUse.Required : null,
        Sampling = _spec.Sampling with { Temperature = Temperature, TopP = TopP, TopK = TopK, MinP = MinP, Seed = Seed },
    };
}
