using System.Numerics.Tensors;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>Always the likeliest token; of equals the first.</summary>
internal sealed class GreedySampler : ITokenDrawer
{
    public int Sample(ReadOnlySpan<float> logits) => Draw(logits);

    public int Draw(ReadOnlySpan<float> logits)
    {
        var token = TensorPrimitives.IndexOfMax(logits); // a NaN wins, so one comparison finds it
        return token >= 0 && float.IsFinite(logits[token]) ? token : throw UnusableLogits.Exception();
    }

    public void Accept(int token)
    {
    }

    public void Dispose()
    {
    }
}
