using System.Collections.Immutable;
using System.Globalization;
using MuseWorkbench.Agents.Strategies;
using MuseWorkbench.Agents.Tools;
using MuseWorkbench.Core;

namespace MuseWorkbench.Web.Features.Workbench.Compose;

/// <summary>What is about to be asked: images, question, team. Touched on the circuit's dispatcher only.</summary>
public sealed class ComposerModel
{
    /// <summary>Most images one question may carry.</summary>
    public const int MaxImages = 8;

    public const int MinTokens = 16, MaxTokens = 4096;

    private readonly List<ImageRef> _images = [];
    private readonly List<Upload> _uploads = [];
    private readonly Dictionary<string, NormalizedBox> _crops = [];
    private readonly List<TableFile> _tables = [];
    private TeamPreset? _preset = TeamPreset.Default;
    private TeamSpec? _kept;

    public IReadOnlyList<ImageRef> Images => _images;

    /// <summary>Images on their way, and those that were refused and why.</summary>
    public IReadOnlyList<Upload> Uploads => _uploads;

    /// <summary>Rectangles drawn on images, by the image's hash.</summary>
    public IReadOnlyDictionary<string, NormalizedBox> Crops => _crops;

    /// <summary>Tables that go with the question.</summary>
    public IReadOnlyList<TableFile> Tables => _tables;

    /// <summary>How the team looks at the images.</summary>
    public ViewChoice Views { get; private set; } = ViewChoice.Whole;

    /// <summary>The form of the team's answers; null leaves it free.</summary>
    public AnswerForm? Answer { get; private set; }

    public int Selected { get; private set; }
    public ImageRef? Current => Selected < _images.Count ? _images[Selected] : null;
    public string Prompt { get; set; } = "";
    public int Agents { get; private set; } = TeamPreset.Default.Agents;
    public double Temperature { get; private set; } = TeamPreset.Default.Temperature;
    /// <summary>Each agent gets a temperature of its own, evenly from 0.2 to <see cref="Temperature"/>.</summary>
    public bool Spread { get; private set; }
    public int TokenBudget { get; private set; } = 512;
    /// <summary>Null draws one for each agent.</summary>
    public uint? Seed { get; private set; }
    /// <summary>The strategy's registered name.</summary>
    public string Strategy { get; private set; } = TeamPreset.DefaultStrategy;
    /// <summary>What it is told; null for its defaults.</summary>
    public StrategyOptions? Options { get; private set; }
    public string TeamName => _kept?.Name ?? _preset?.Name ?? "Own team";
    /// <summary>A team of one's own, asked as it is kept until a dial is turned; null for one made here.</summary>
    public TeamSpec? Kept => _kept;
    /// <summary>Said beside the composer when the question can't be asked as it stands; null when there is nothing to say.</summary>
    public string? Notice { get; set; }

    public bool IsPreset(TeamPreset preset) => _kept is null && _preset == preset;

    public void Use(TeamPreset preset)
    {
        ArgumentNullException.ThrowIfNull(preset);
        // Views that came with the preset before go with it.
        Views = preset.Views ?? (_preset?.Views == Views ? ViewChoice.Whole : Views);
        (_kept, _preset, Agents, Temperature, Spread) = (null, preset, preset.Agents, preset.Temperature, preset.Spread);
    }

    /// <summary>Takes a team as it is: agents that differ among themselves stay so.</summary>
    public void Use(TeamSpec team)
    {
        ArgumentNullException.ThrowIfNull(team);
        Take(team);
        _kept = team;
    }

    /// <summary>Takes a strategy with its defaults, and as many agents as it can work with.</summary>
    public void Use(IStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        (_kept, Strategy, Options) = (null, strategy.Name, null);
        SetAgents(Math.Clamp(Agents, strategy.Info.MinAgents, strategy.Info.MaxAgents));
    }

    public void Use(StrategyOptions options) => (_kept, Options) = (null, options);

    public void SetAgents(int agents)
    {
        _kept = null;
        Agents = Math.Clamp(agents, TeamSpec.MinAgents, TeamSpec.MaxAgents);
        _preset = Matching();
    }

    public void SetTemperature(double temperature)
    {
        _kept = null;
        Temperature = Math.Clamp(Math.Round(temperature, 1), 0, 2);
        _preset = Matching();
    }

    public void SetTokenBudget(int tokens) => (_kept, TokenBudget) = (null, Math.Clamp(tokens, MinTokens, MaxTokens));

    public void SetSeed(uint? seed) => (_kept, Seed) = (null, seed);

    public void SetViews(ViewChoice views)
    {
        (_kept, Views) = (null, views);
        _preset = Matching();
    }

    public void SetAnswer(AnswerForm? form) => (_kept, Answer) = (null, form);

    /// <summary>The rectangle drawn on an image; null where there is none.</summary>
    public NormalizedBox? CropOf(ImageRef image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _crops.TryGetValue(image.Sha256, out var box) ? box : null;
    }

    /// <summary>Draws a rectangle on an image, or takes it away. A team that looked at the whole image looks at the first one drawn.</summary>
    public void SetCrop(ImageRef image, NormalizedBox? box)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (box is { } drawn)
        {
            Views = _kept is null && _crops.Count == 0 && Views == ViewChoice.Whole ? ViewChoice.Drawn : Views;
            _crops[image.Sha256] = drawn;
        }
        else if (_crops.Remove(image.Sha256) && _crops.Count == 0 && _kept is null && Views.NeedsDrawing(Agents))
        {
            Views = ViewChoice.Whole;
        }
    }

    /// <summary>Adds a table; one of the same name is replaced. Null, or why it can't be used, for the user.</summary>
    public string? Add(TableFile table)
    {
        ArgumentNullException.ThrowIfNull(table);
        TableFile[] tables = [.. _tables.Where(other => other.Name != table.Name), table];
        if (CsvTable.Fault([.. tables]) is { } fault)
        {
            return fault;
        }

        _tables.Clear();
        _tables.AddRange(tables);
        return null;
    }

    public void Remove(TableFile table) => _tables.Remove(table);

    public void Select(int index) => Selected = Math.Clamp(index, 0, Math.Max(0, _images.Count - 1));

    /// <summary>Adds an image and shows it; one that is there already is only shown. False when there are too many.</summary>
    public bool Add(ImageRef image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var index = _images.FindIndex(other => other.Sha256 == image.Sha256);
        if (index < 0)
        {
            if (_images.Count >= MaxImages)
            {
                return false;
            }

            _images.Add(image);
            index = _images.Count - 1;
        }

        Selected = index;
        return true;
    }

    public void Remove(ImageRef image)
    {
        _images.Remove(image);
        SetCrop(image, null);
        Select(Selected);
    }

    public void Use(SampleScene sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        _images.Clear();
        _images.Add(sample.Image);
        foreach (var drawn in _crops.Keys.Where(sha256 => sha256 != sample.Image.Sha256).ToArray())
        {
            _crops.Remove(drawn);
        }

        Views = _crops.Count == 0 && _kept is null && Views.NeedsDrawing(Agents) ? ViewChoice.Whole : Views;
        (Selected, Prompt, Notice) = (0, sample.Question, null);
    }

    /// <summary>Takes over a case's question, with its choices, images and table; the team stays as it is.</summary>
    public void Use(Case @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        _images.Clear();
        _images.AddRange(@case.Images);
        _crops.Clear();
        _tables.Clear();
        Views = _kept is null && Views.NeedsDrawing(Agents) ? ViewChoice.Whole : Views;
        var choices = @case.Choices.Select((choice, i) => string.Create(CultureInfo.InvariantCulture, $"{(i < 26 ? $"{(char)('A' + i)}" : $"{i + 1}")}. {choice}"));
        (Selected, Prompt) = (0, string.Join('\n', [@case.Prompt, .. choices]).Trim());
        Notice = @case.Table is { } table ? Add(new TableFile("table.csv", table)) : null;
    }

    /// <summary>Takes over what an earlier run was asked, so that it can be asked again or changed.</summary>
    public void Use(RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        _images.Clear();
        _images.AddRange(request.Images);
        _crops.Clear();
        for (var i = 0; i < _images.Count; i++)
        {
            if (request.CropOf(i) is { } box)
            {
                _crops[_images[i].Sha256] = box;
            }
        }

        _tables.Clear();
        _tables.AddRange(request.Tables ?? []);
        (Selected, Prompt, Notice) = (0, request.Prompt, null);
        Take(request.Team);
        // What the dials can't say is kept as it was asked.
        _kept = request.Team.Lead is null && request.Team.Agents.All(agent => agent is { Role: null, Model: null, ToolUse: null } && agent.Answer == Answer && HasToolsOfHere(agent))
            && ViewChoice.Matching(request.Team.Agents) is not null ? null : request.Team;
    }

    private void Take(TeamSpec team)
    {
        if (team.Agents is [.., var last] agents)
        {
            Spread = agents.Length > 1 && agents[0].Sampling.Temperature < last.Sampling.Temperature;
            (Strategy, Options) = (team.Strategy, team.Options);
            Views = ViewChoice.Matching(agents) ?? ViewChoice.Whole;
            Answer = last.Answer;
            (Agents, Temperature, TokenBudget) = (agents.Length, last.Sampling.Temperature, last.MaxTokens);
            _preset = Matching();
        }
    }

    public void UploadStarted(string id, string name, long bytes) => _uploads.Add(new Upload(id, name, bytes, null));

    public void UploadEnded(string id) => _uploads.RemoveAll(upload => upload.Id == id);

    public void UploadFailed(string id, string reason)
    {
        var index = _uploads.FindIndex(upload => upload.Id == id);
        if (index >= 0)
        {
            _uploads[index] = _uploads[index] with { Error = reason };
        }
    }

    /// <summary>Why the question can't be asked yet, in words; null when it can.</summary>
    public string? Problem() =>
        string.IsNullOrWhiteSpace(Prompt) ? "Write a question first."
        : _uploads.Any(upload => upload.Error is null) ? "An image is still on its way."
        : _kept is null && _images.Count > 0 && _crops.Count == 0 && Views.NeedsDrawing(Agents) ? "Draw a rectangle on the image first, or choose another view."
        : null;

    public RunRequest Build() => new()
    {
        Crops = _crops.Count == 0 ? null : [.. _images.Index().Where(entry => _crops.ContainsKey(entry.Item.Sha256)).Select(entry => new ImageCrop(entry.Index, _crops[entry.Item.Sha256]))],
        Tables = _tables.Count == 0 ? null : [.. _tables],
        Prompt = Prompt.Trim(),
        Images = [.. _images],
        Team = _kept ?? new TeamSpec { Name = TeamName, Strategy = Strategy, Options = Options, Agents = [.. Enumerable.Range(0, Agents).Select(BuildAgent)] },
    };

    /// <summary>Whether a team made here may look things up: a table is there for that, unless answers in a form leave no room for calls.</summary>
    public bool MayLookUp => _kept is null && Answer is null && _tables.Count > 0;

    private static ImmutableArray<string> LookingUp { get; } = [.. ToolNames.Usual, ToolNames.TableLookup];

    private bool HasToolsOfHere(AgentSpec agent) =>
        agent.Tools is not { } tools || (_tables.Count > 0 && Answer is null && !tools.IsDefault && tools.SequenceEqual(LookingUp));

    // One that says how its agents look, before one that leaves it open.
    private TeamPreset? Matching() =>
        TeamPreset.All.Where(preset => preset.Matches(Agents, Temperature, Spread, Views)).MaxBy(preset => preset.Views is not null);

    private AgentSpec BuildAgent(int index) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"Agent {index + 1}"),
        MaxTokens = TokenBudget,
        View = Views.Of(Agents)[index],
        Answer = Answer,
        Tools = MayLookUp ? LookingUp : null,
        // One seed for the team must still give every agent its own draw.
        Sampling = new SamplingSpec { Temperature = TemperatureOf(index), Seed = unchecked(Seed + (uint)index) },
    };

    private double TemperatureOf(int index) =>
        Spread && Agents > 1 ? Math.Round(TeamPreset.SpreadFrom + ((Temperature - TeamPreset.SpreadFrom) * index / (Agents - 1)), 2) : Temperature;
}

/// <summary>A file on its way to the library, or refused.</summary>
/// <param name="Error">Why it was refused, for the user; null while it is under way.</param>
public sealed record Upload(string Id, string Name, long Bytes, string? Error);
