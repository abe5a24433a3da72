using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Runtimes.Llama;

namespace MuseWorkbench.Engine.Sampling;

/// <summary>
/// llama.cpp's sampler chain in its usual order: bias, penalties, top-k, top-p, min-p, temperature, draw. Its random
/// state is its own, so what a seed draws does not depend on which batch the logits came from.
/// </summary>
internal sealed unsafe class LlamaSampler : ITokenDrawer
{
    private readonly LlamaSamplerHandle _chain;
    private readonly LlamaTokenData[] _candidates;

    public LlamaSampler(SamplingOptions options, int vocabularySize)
    {
        _chain = LlamaNative.llama_sampler_chain_init(new() { NoPerformance = 1 });
        if (!options.LogitBias.IsEmpty)
        {
            var biases = options.LogitBias.Select(b => new LlamaLogitBias { Token = b.Key, Bias = b.Value }).ToArray();
            fixed (LlamaLogitBias* b = biases)
            {
                Add(LlamaNative.llama_sampler_init_logit_bias(vocabularySize, biases.Length, b));
            }
        }

        if (TokenSamplers.HasPenalties(options))
        {
            Add(LlamaNative.llama_sampler_init_penalties(
                vocabularySize, options.PenaltyWindow, options.RepeatPenalty, options.FrequencyPenalty, options.PresencePenalty));
        }

        if (options.Temperature == 0)
        {
            Add(LlamaNative.llama_sampler_init_greedy());
        }
        else
        {
            AddDraw(options);
        }

        // Reused for every draw; pinned, since native code is given its address each time.
        _candidates = GC.AllocateUninitializedArray<LlamaTokenData>(vocabularySize, pinned: true);
    }

    public int Sample(ReadOnlySpan<float> logits)
    {
        var token = Draw(logits);
        LlamaNative.llama_sampler_accept(_chain, token);
        return token;
    }

    public int Draw(ReadOnlySpan<float> logits)
    {
        ObjectDisposedException.ThrowIf(_chain.IsClosed, this);
        var candidates = _candidates;
        if (logits.Length != candidates.Length)
        {
            throw new ArgumentException($"{logits.Length} logits for a vocabulary of {candidates.Length}.", nameof(logits));
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            candidates[i] = new() { Id = i, Logit = logits[i] };
        }

        var data = (LlamaTokenData*)Marshal.UnsafeAddrOfPinnedArrayElement(candidates, 0);
        var array = new LlamaTokenDataArray { Data = data, Size = (nuint)candidates.Length, Selected = -1 };
        LlamaNative.llama_sampler_apply(_chain, &array);
        if ((ulong)array.Selected >= array.Size || !float.IsFinite(array.Data[array.Selected].Logit))
        {
            throw UnusableLogits.Exception();
        }

        return array.Data[array.Selected].Id;
    }

    public void Accept(int token)
    {
        // Penalties index their counts by token.
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_candidates.Length, nameof(token));
        LlamaNative.llama_sampler_accept(_chain, token);
    }

    public void Dispose() => _chain.Dispose();

    private void AddDraw(SamplingOptions options)
    {
        if (options.TopK > 0)
        {
            Add(LlamaNative.llama_sampler_init_top_k(options.TopK));
        }

        if (options.TopP < 1)
        {
            Add(LlamaNative.llama_sampler_init_top_p(options.TopP, 1));
        }

        if (options.MinP > 0)
        {
            Add(LlamaNative.llama_sampler_init_min_p(options.MinP, 1));
        }

        Add(LlamaNative.llama_sampler_init_temp(options.Temperature));
        // llama.cpp takes the largest seed as "choose one"; here every seed is a seed.
        Add(LlamaNative.llama_sampler_init_dist(Math.Min(options.Seed, uint.MaxValue - 1)));
    }

    private void Add(nint sampler) => LlamaNative.llama_sampler_chain_add(_chain, sampler);
}
