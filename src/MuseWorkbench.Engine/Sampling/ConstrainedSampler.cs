using MuseWorkbench.Engine.Requests;
using MuseWorkbench.Engine.Sampling.Grammars;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>
/// Draws only what a constraint allows. As llama.cpp does, it draws freely first and looks at all tokens only where the one
/// drawn does not fit: a model that knows what is wanted costs next to nothing.
/// </summary>
internal sealed class ConstrainedSampler(ITokenDrawer inner, OutputConstraint constraint, VocabularyPieces vocabulary) : ITokenSampler
{
    private ConstraintState _state = ConstraintState.Start(constraint);
    private float[]? _masked;

    public int Sample(ReadOnlySpan<float> logits)
    {
        try
        {
            var token = inner.Draw(logits);
            if (!TryTake(token))
            {
                _masked ??= GC.AllocateUninitializedArray<float>(logits.Length);
                logits.CopyTo(_masked);
                if (!vocabulary.Mask(_state, _masked))
                {
                    throw new RequestRejectedException("No token of the model continues what the grammar asks for.", "invalid_value", "grammar");
                }
                token = inner.Draw(_masked);
                TryTake(token);
            }
            inner.Accept(token);
            return token;
        }
        catch (GrammarAmbiguousException exception)
        {
            throw new RequestRejectedException(exception.Message, "invalid_value", "grammar");
        }
    }

    /// <summary>Counts a token of the prompt: the penalties' concern, never the grammar's.</summary>
    public void Accept(int token) => inner.Accept(token);

    public void Dispose() => inner.Dispose();

    private bool TryTake(int token)
    {
        if (vocabulary.Ends(token))
        {
            return _state.MayEnd;
        }
        if (vocabulary.Advance(_state, token) is not { } next)
        {
            return false;
        }
        _state = next;
        return true;
    }
}
