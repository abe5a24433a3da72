using System.Runtime.CompilerServices;

namespace MuseWorkbench.Engine.Prompts.Jinja.Running;

/// <summary>Counts what one rendering takes and ends it where that is too much.</summary>
internal sealed class JinjaBudget(JinjaLimits limits, TimeProvider time, CancellationToken cancellationToken = default)
{
    private const int StepsPerLook = 256;

    private readonly long _started = time.GetTimestamp();
    private int _steps;
    private long _produced;

    public TimeProvider Time => time;

    /// <exception cref="JinjaLimitException">Too many steps, too deep, or too late.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Step()
    {
        CheckDepth();
        if (++_steps > limits.Steps)
        {
            throw new JinjaLimitException($"The chat template takes more than {limits.Steps} steps.");
        }
        if (_steps % StepsPerLook == 0)
        {
            Look();
        }
    }

    /// <summary>Accounts for a text before it is made.</summary>
    public void Text(long length)
    {
        if (length > limits.Output)
        {
            throw new JinjaLimitException($"The chat template makes a text of more than {limits.Output} characters.");
        }
        Produce(length);
    }

    /// <summary>Accounts for a text that is appended to one of <paramref name="before"/> characters.</summary>
    public void Write(int before, int length)
    {
        Text(length);
        if ((long)before + length > limits.Output)
        {
            Text((long)before + length);
        }
    }

    /// <summary>Accounts for a list before it is made.</summary>
    public void Items(long count) => Produce(count * 16);

    /// <summary>Values may be nested as deep as a loop can nest them: what walks through them asks first.</summary>
    public static void CheckDepth()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new JinjaLimitException("The chat template nests too deep.");
        }
    }

    private void Produce(long characters)
    {
        _produced += characters;
        if (_produced > limits.Produced)
        {
            throw new JinjaLimitException($"The chat template makes more than {limits.Produced} characters of text on its way.");
        }
        if (characters > StepsPerLook)
        {
            Look();
        }
    }

    private void Look()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (time.GetElapsedTime(_started) > limits.Time)
        {
            throw new JinjaLimitException($"The chat template takes longer than {limits.Time.TotalSeconds:0.#} s.");
        }
    }
}
