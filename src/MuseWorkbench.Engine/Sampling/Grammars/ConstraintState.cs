namespace MuseWorkbench.Engine.Sampling.Grammars;

/// <summary>How far an output has come under a constraint. Immutable; each byte gives a new one.</summary>
internal abstract class ConstraintState
{
    /// <summary>White space between the reasoning's end and the answer.</summary>
    private const int MaxGap = 8;

    private static readonly byte[] s_open = "<think>"u8.ToArray();
    private static readonly byte[] s_close = "</think>"u8.ToArray();

    /// <summary>Whether the output may end here.</summary>
    public abstract bool MayEnd { get; }

    /// <summary>Null where the byte may not come next.</summary>
    public abstract ConstraintState? Advance(byte next);

    public ConstraintState? Advance(ReadOnlySpan<byte> bytes)
    {
        ConstraintState? state = this;
        for (var i = 0; i < bytes.Length && state is not null; i++)
        {
            state = state.Advance(bytes[i]);
        }
        return state;
    }

    public static ConstraintState Start(OutputConstraint constraint)
    {
        ConstraintState answer = constraint.Trigger is { } trigger
            ? new Watching(System.Text.Encoding.UTF8.GetBytes(trigger), 0, constraint.Grammar)
            : new Bound(constraint.Grammar.Start);
        return constraint.InReasoning ? new Reasoning(0, answer) : new Opening(0, answer, answer);
    }

    /// <summary>How much of a marker the output's end matches. A marker's first byte comes nowhere else in it.</summary>
    private static int Match(byte[] marker, int matched, byte next) => next == marker[matched] ? matched + 1 : next == marker[0] ? 1 : 0;

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>Nothing but white space and the beginning of the reasoning's marker so far, or the answer has begun.</summary>
    private sealed class Opening(int matched, ConstraintState? soFar, ConstraintState answer) : ConstraintState
    {
        public override bool MayEnd => soFar is { MayEnd: true };

        public override ConstraintState? Advance(byte next)
        {
            var answered = soFar?.Advance(next);
            if (next == s_open[matched])
            {
                return matched + 1 == s_open.Length ? new Reasoning(0, answer) : new Opening(matched + 1, answered, answer);
            }
            // White space may come before the marker where the answer may begin with it as well.
            return answered is not null && matched == 0 && IsSpace(next) ? new Opening(0, answered, answer) : answered;
        }
    }

    private sealed class Reasoning(int matched, ConstraintState answer) : ConstraintState
    {
        public override bool MayEnd => answer is Watching;

        public override ConstraintState? Advance(byte next)
        {
            var now = Match(s_close, matched, next);
            return now == s_close.Length ? new Gap(0, answer) : new Reasoning(now, answer);
        }
    }

    private sealed class Gap(int length, ConstraintState answer) : ConstraintState
    {
        public override bool MayEnd => answer.MayEnd;

        public override ConstraintState? Advance(byte next) => length < MaxGap && IsSpace(next) ? new Gap(length + 1, answer) : answer.Advance(next);
    }

    /// <summary>Free until the trigger comes.</summary>
    private sealed class Watching(byte[] trigger, int matched, Grammar grammar) : ConstraintState
    {
        public override bool MayEnd => true;

        public override ConstraintState? Advance(byte next)
        {
            var now = Match(trigger, matched, next);
            return now < trigger.Length
                ? new Watching(trigger, now, grammar)
                : new Bound(grammar.Start).Advance(trigger.AsSpan());
        }
    }

    private sealed class Bound(GrammarState state) : ConstraintState
    {
        public override bool MayEnd => state.IsComplete;

        public override ConstraintState? Advance(byte next) => state.Advance(next) is { } advanced ? ReferenceEquals(advanced, state) ? this : new Bound(advanced) : null;
    }
}
