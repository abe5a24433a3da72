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
        (Temperature, TopP, Seed) = (spec.Sampling.Temperature, spec.Sampling.TopP, spec.Sampling.Seed);
    }

    /// <summary>Keeps its row while others come and go.</summary>
    public Guid Key { get; } = Guid.NewGuid();

    public string Name { get; set; }
    public string Role { get; set; }
    /// <summary>Empty for the run's default model.</summary>
    public string Model { get; set; }
    public double Temperature { get; set; }
    public double TopP { get; set; }
    public uint? Seed { get; set; }
    public int MaxTokens { get; set; }

    /// <summary>What has no field here stays as it was.</summary>
    public AgentSpec ToSpec() => _spec with
    {
        Name = Name.Trim(),
        Role = string.IsNullOrWhiteSpace(Role) ? null : Role.Trim(),
        Model = string.IsNullOrWhiteSpace(Model) ? null : Model.Trim(),
        MaxTokens = MaxTokens,
        Sampling = _spec.Sampling with { Temperature = Temperature, TopP = TopP, Seed = Seed },
    };
}
