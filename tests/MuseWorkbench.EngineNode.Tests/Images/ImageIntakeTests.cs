using System.Runtime.CompilerServices;
using MuseWorkbench.Engine.Requests;
using MuseWorkbench.EngineNode.Images;
using MuseWorkbench.EngineNode.Tests.Fakes;

namespace MuseWorkbench.EngineNode.Tests.Images;

public sealed class ImageIntakeTests
{
    [Fact]
    public async Task Decode_SameBytesEightTimesAtOnce_DecodedOnceAndShared()
    {
        using var gate = new ManualResetEventSlim();
        var engine = new FakeEngine { DecodeGate = gate };
        using var intake = new ImageIntake();

        var waiting = Enumerable.Range(0, 8).Select(_ => intake.DecodeAsync(engine, FakeEngine.Png.ToArray(), Deadline.Token)).ToArray();
        gate.Set();
        var images = await Task.WhenAll(waiting);

        Assert.Equal(1, engine.Decodes);
        Assert.All(images, image => Assert.Same(images[0], image));
    }

    [Fact]
    public async Task Decode_AgainWhileHeld_SharedAndNotDecodedAgain()
    {
        var engine = new FakeEngine();
        using var intake = new ImageIntake();

        var first = await intake.DecodeAsync(engine, FakeEngine.Png, Deadline.Token);
        var second = await intake.DecodeAsync(engine, FakeEngine.Png, Deadline.Token);

        Assert.Same(first, second);
        Assert.Equal(1, engine.Decodes);
    }

    [Fact]
    public async Task Decode_AgainWhenNobodyHoldsIt_DecodedAgain()
    {
        var engine = new FakeEngine();
        using var intake = new ImageIntake();

        var deadline = Deadline.Token;
        // The thread that decoded may still be on its way out with the image in hand.
        do
        {
            deadline.ThrowIfCancellationRequested();
            await DecodeAndDropAsync(intake, engine);
            await Task.Yield();
            GC.Collect();
        }
        while (engine.Decodes < 2);
    }

    [Fact]
    public async Task Decode_OtherBytes_NotShared()
    {
        var engine = new FakeEngine();
        using var intake = new ImageIntake();

        var first = await intake.DecodeAsync(engine, FakeEngine.Png, Deadline.Token);
        var second = await intake.DecodeAsync(engine, (byte[])[.. FakeEngine.Png, 1], Deadline.Token);

        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task Decode_FirstToAskLeaves_OthersStillGetIt()
    {
        using var gate = new ManualResetEventSlim();
        using var leaving = new CancellationTokenSource();
        var engine = new FakeEngine { DecodeGate = gate };
        using var intake = new ImageIntake();

        var first = intake.DecodeAsync(engine, FakeEngine.Png, leaving.Token);
        var second = intake.DecodeAsync(engine, FakeEngine.Png, Deadline.Token);
        await leaving.CancelAsync();
        gate.Set();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(2, (await second).Width);
    }

    [Fact]
    public async Task Decode_Refused_RefusedForAllAndTriedAgain()
    {
        var engine = new FakeEngine();
        using var intake = new ImageIntake();

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await Assert.ThrowsAsync<RequestRejectedException>(() => intake.DecodeAsync(engine, new byte[] { 1 }, Deadline.Token));
            Assert.Equal(attempt, engine.Decodes);
        }
    }

    // Apart, so that nothing on the test's own frame keeps the image.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task DecodeAndDropAsync(ImageIntake intake, FakeEngine engine) =>
        Assert.Equal(3, (await intake.DecodeAsync(engine, FakeEngine.Png, Deadline.Token)).Height);
}
