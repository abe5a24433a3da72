using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MuseWorkbench.Engine.Images.Mtmd;

namespace MuseWorkbench.Engine.Tests.Mtmd;

/// <summary>Sizes and offsets were read off mtmd.h of build b10361 by a C compiler, on a 64-bit machine.</summary>
public sealed class MtmdAbiTests
{
    [Fact]
    public void SizeOf_Structs_MatchesHeader()
    {
        Assert.Equal(80, Unsafe.SizeOf<MtmdContextParams>());
        Assert.Equal(24, Unsafe.SizeOf<MtmdInputText>());
        Assert.Equal(16, Unsafe.SizeOf<MtmdDecoderPos>());
    }

    [Theory]
    [InlineData(nameof(MtmdContextParams.Threads), 4)]
    [InlineData(nameof(MtmdContextParams.MediaMarker), 16)]
    [InlineData(nameof(MtmdContextParams.FlashAttention), 24)]
    [InlineData(nameof(MtmdContextParams.WarmUp), 28)]
    [InlineData(nameof(MtmdContextParams.ImageMinTokens), 32)]
    [InlineData(nameof(MtmdContextParams.EvaluationCallback), 40)]
    [InlineData(nameof(MtmdContextParams.BatchMaxTokens), 56)]
    [InlineData(nameof(MtmdContextParams.ProgressUserData), 72)]
    public void OffsetOf_ContextParams_MatchesHeader(string field, int offset) => Assert.Equal(offset, Marshal.OffsetOf<MtmdContextParams>(field));

    [Theory]
    [InlineData(nameof(MtmdInputText.Length), 8)]
    [InlineData(nameof(MtmdInputText.ParseSpecial), 17)]
    public void OffsetOf_InputText_MatchesHeader(string field, int offset) => Assert.Equal(offset, Marshal.OffsetOf<MtmdInputText>(field));

    [Fact]
    public void DefaultParams_ReadBack_AreThoseOfTheBuild()
    {
        MtmdEnvironment.Require();
        MtmdLibrary.EnsureLoaded("any");

        var defaults = MtmdNative.mtmd_context_params_default();

        Assert.Equal((1, 1, 4, 1), (defaults.UseGpu, defaults.PrintTimings, defaults.Threads, defaults.WarmUp));
        Assert.Equal((-1, -1, -1, 1024), (defaults.FlashAttention, defaults.ImageMinTokens, defaults.ImageMaxTokens, defaults.BatchMaxTokens));
        Assert.Equal("<__media__>", Marshal.PtrToStringUTF8(defaults.MediaMarker));
    }
}
