using MuseWorkbench.Engine.Runtimes;

namespace MuseWorkbench.Engine.Tests.Runtimes;

/// <summary>Misuse that native code would answer by ending the process.</summary>
[Collection<RuntimeCollection>]
public sealed class LlamaGuardTests(RuntimeFixture fixture)
{
    public static TheoryData<string, DecodeBatch> Malformed => new()
    {
        { "empty", new DecodeBatch() },
        { $"{RuntimeFixture.MaxBatch + 1} rows", Rows(RuntimeFixture.MaxBatch + 1) },
        { "non-causal", Rows(RuntimeFixture.PhysicalBatch + 1, b => b.NonCausal = true) },
        { "one sequence only", Rows(2, b => { b.NonCausal = true; b.Sequences[1] = 1; }) },
        { "sequence 8", Rows(2, b => b.Sequences[1] = RuntimeFixture.MaxSequences) },
        { "sequence -1", Rows(2, b => b.Sequences[1] = -1) },
        { "position -1", Rows(2, b => b.Positions[0] = -1) },
        { "token 1001", Rows(2, b => b.Tokens[1] = 1001) },
        { "token -1", Rows(2, b => b.Tokens[1] = -1) },
        { "1 tokens for 2 rows", Rows(2, b => b.Tokens.RemoveAt(0)) },
        { "one entry a row", Rows(2, b => b.Sequences.RemoveAt(0)) },
        { "one entry a row", Rows(2, b => b.WantLogits.Add(true)) },
        { "not both", Rows(2, b => b.Embeddings = new float[2 * 192]) },
        { "hold 383 values", Rows(2, b => { b.Tokens.Clear(); b.Embeddings = new float[383]; }) },
        { "several axes", Rows(2, b => b.Axes.AddRange([default, default])) },
        { "wants the logits of 9 rows", Rows(9, b => { for (var i = 0; i < 9; i++) { b.WantLogits[i] = true; } }) },
    };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public void Decode_Malformed_ThrowsAndComputesNothing(string reason, DecodeBatch batch)
    {
        var runtime = fixture.Fresh();

        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => runtime.Decode(batch)).Message, StringComparison.Ordinal);

        runtime.Append(0, 0, 60); // position 0 is still free
    }

    [Fact]
    public void Decode_PositionsLeaveAGap_ThrowsWithNativeReason()
    {
        var runtime = fixture.Fresh();
        runtime.Append(0, 0, 60);

        var error = Assert.Throws<InvalidOperationException>(() => runtime.Decode(new DecodeBatch().Add(61, 5, 0, want: true)));

        Assert.Contains("Y = X + 1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0, 0, 1)]
    [InlineData(0, 8, 0, 1)]
    [InlineData(0, 1, -1, 1)]
    [InlineData(0, 1, 0, -2)]
    public void CopySequence_OutOfRange_Throws(int source, int destination, int from, int to) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Runtime.CopySequence(source, destination, from, to));

    [Fact]
    public void CopySequence_OntoHeldPositions_Throws()
    {
        var runtime = fixture.Fresh();
        runtime.Append(0, 0, 60, 61, 62);
        runtime.CopySequence(0, 1, 0, 2);

        Assert.Throws<InvalidOperationException>(() => runtime.CopySequence(0, 1, 1, 3));

        runtime.CopySequence(0, 1, 2, 3); // continues what it holds
        runtime.Append(1, 3, 63);
    }

    [Fact]
    public void RemoveSequence_NoSuchSequence_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => fixture.Runtime.RemoveSequence(RuntimeFixture.MaxSequences, 0, -1));

    private static DecodeBatch Rows(int count, Action<DecodeBatch>? change = null)
    {
        var batch = new DecodeBatch();
        for (var i = 0; i < count; i++)
        {
            batch.Add(60, i, 0, want: false);
        }

        change?.Invoke(batch);
        return batch;
    }
}
