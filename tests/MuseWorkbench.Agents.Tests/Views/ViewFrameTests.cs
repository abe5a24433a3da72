using MuseWorkbench.Agents.Conversation;
using MuseWorkbench.Core;

namespace MuseWorkbench.Agents.Tests.Views;

public class ViewFrameTests
{
    private const double Close = 1e-9;

    /// <summary>Views of every kind over images of every shape, and a box within each.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Map_AnyBoxOfTheView_ComesBack(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var (frame, inView) = (AnyFrame(random), AnyBox(random));

            AssertClose(inView, frame.ToView(frame.ToImage(inView)));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Map_AnyBoxOfThePart_ComesBack(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var frame = AnyFrame(random);
            var (part, share) = (frame.Box, AnyBox(random));
            var inImage = new NormalizedBox(
                Between(part.X0, part.X1, share.X0), Between(part.Y0, part.Y1, share.Y0), Between(part.X0, part.X1, share.X1), Between(part.Y0, part.Y1, share.Y1));

            AssertClose(inImage, frame.ToImage(frame.ToView(inImage)));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Map_PixelOfThePicture_IsThatPixelOfTheImage(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var frame = AnyFrame(random);
            var (x, y) = (random.Next(frame.Width), random.Next(frame.Height));

            var box = frame.ToImage(new((double)x / frame.Width, (double)y / frame.Height, (x + 1d) / frame.Width, (y + 1d) / frame.Height));

            var column = frame.Flip ? frame.Left + frame.Width - 1 - x : frame.Left + x;
            AssertClose(
                new((double)column / frame.ImageWidth, (double)(frame.Top + y) / frame.ImageHeight, (column + 1d) / frame.ImageWidth, (frame.Top + y + 1d) / frame.ImageHeight), box);
        }
    }

    /// <summary>From a model's padded square through a flipped crop to the image and back.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Map_ThroughTheModelsCanvas_ComesBack(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var (frame, inView) = (AnyFrame(random), AnyBox(random));
            foreach (var fit in Enum.GetValues<ImageFit>())
            {
                var onCanvas = ImageCoordinates.ToModel(inView, fit, frame.ShownWidth, frame.ShownHeight);

                AssertClose(frame.ToImage(inView), RegionMapper.ToImage(onCanvas, fit, frame));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_AnyView_LiesInTheImageAndCanBeShown(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            var frame = AnyFrame(random);

            Assert.True(frame.Box.IsProper);
            Assert.InRange(frame.ShownWidth, 1, ViewFrame.MaxShownSide);
            Assert.InRange(frame.ShownHeight, 1, ViewFrame.MaxShownSide);
            Assert.Null(ImageLimits.Default.CheckSize(frame.Width, frame.Height));
        }
    }

    [Fact]
    public void Of_Nothing_IsTheImageAsItIs()
    {
        Assert.True(ViewFrame.Of(null, 300, 200).IsOriginal);
        Assert.True(ViewFrame.Of(new ViewSpec { Enlarge = true }, 300, 200).IsOriginal);
        Assert.True(ViewFrame.Of(new ViewSpec { Area = ViewArea.Drawn }, 300, 200).IsOriginal);
        Assert.True(ViewFrame.Of(new ViewSpec { Scale = 1 }, 300, 200).IsOriginal);
        Assert.True(ViewFrame.Of(null, 3000, 2000).IsOriginal);
        Assert.False(ViewFrame.Of(new ViewSpec { Scale = 0.75 }, 3000, 2000).IsOriginal);
        Assert.False(ViewFrame.Of(new ViewSpec { Tone = ViewTone.Grey }, 300, 200).IsOriginal);
        Assert.False(ViewFrame.Of(new ViewSpec { Flip = true }, 300, 200).IsOriginal);
    }

    [Theory]
    [InlineData(ViewArea.Centre, 20, 40, 60, 120)]
    [InlineData(ViewArea.TopLeft, 0, 0, 60, 120)]
    [InlineData(ViewArea.TopRight, 40, 0, 60, 120)]
    [InlineData(ViewArea.BottomLeft, 0, 80, 60, 120)]
    [InlineData(ViewArea.BottomRight, 40, 80, 60, 120)]
    [InlineData(ViewArea.Drawn, 10, 20, 50, 100)]
    public void Of_Area_IsThatPart(ViewArea area, int left, int top, int width, int height)
    {
        var frame = ViewFrame.Of(new ViewSpec { Area = area }, 100, 200, new NormalizedBox(0.1, 0.1, 0.6, 0.6));

        Assert.Equal((left, top, width, height), (frame.Left, frame.Top, frame.Width, frame.Height));
        Assert.Equal((width, height), (frame.ShownWidth, frame.ShownHeight));
    }

    [Fact]
    public void Of_Enlarged_GrowsToTheImageAtMostFourTimes()
    {
        var view = new ViewSpec { Area = ViewArea.Box, Box = new(0, 0, 0.5, 0.5), Enlarge = true };

        Assert.Equal((400, 200), Shown(ViewFrame.Of(view, 400, 200)));
        Assert.Equal((160, 160), Shown(ViewFrame.Of(view with { Box = new(0, 0, 0.1, 0.1) }, 400, 400)));
        Assert.Equal((2048, 1024), Shown(ViewFrame.Of(view, 8000, 4000)));

        static (int, int) Shown(ViewFrame frame) => (frame.ShownWidth, frame.ShownHeight);
    }

    [Fact]
    public void Zoom_WholeOfALargeImage_CanBeShown()
    {
        var frame = ViewFrame.Of(null, 3000, 1500).Zoom(NormalizedBox.Whole);

        Assert.Equal((2048, 1024), (frame.ShownWidth, frame.ShownHeight));
    }

    [Theory]
    [InlineData(1.5, false, 300, 150)]
    [InlineData(0.5, false, 100, 50)]
    [InlineData(1.5, true, 300, 150)]
    [InlineData(4, false, 800, 400)]
    public void Of_Scaled_IsThatManyTimesAsLarge(double scale, bool enlarge, int width, int height)
    {
        var frame = ViewFrame.Of(new ViewSpec { Scale = scale, Enlarge = enlarge }, 200, 100);

        Assert.Equal((0, 0, 200, 100), (frame.Left, frame.Top, frame.Width, frame.Height));
        Assert.Equal((width, height), (frame.ShownWidth, frame.ShownHeight));
    }

    [Fact]
    public void Of_ScaledPart_GrowsOnFromItsEnlargementAtMostFourTimes()
    {
        var view = new ViewSpec { Area = ViewArea.Box, Box = new(0, 0, 0.5, 0.5), Enlarge = true, Scale = 1.5 };

        Assert.Equal((600, 300), Shown(ViewFrame.Of(view, 400, 200)));
        Assert.Equal((800, 400), Shown(ViewFrame.Of(view with { Scale = 4 }, 400, 200)));
        Assert.Equal((2048, 1024), Shown(ViewFrame.Of(new ViewSpec { Scale = 4 }, 1000, 500)));

        static (int, int) Shown(ViewFrame frame) => (frame.ShownWidth, frame.ShownHeight);
    }

    [Theory]
    [InlineData(0.25, true)]
    [InlineData(4, true)]
    [InlineData(0.2, false)]
    [InlineData(4.1, false)]
    [InlineData(-1, false)]
    [InlineData(double.NaN, false)]
    public void Fault_Scale_LiesBetweenAQuarterAndFour(double scale, bool isRight) =>
        Assert.Equal(isRight, new ViewSpec { Scale = scale }.Fault is null);

    [Fact]
    public void Spread_AnyTeam_NoTwoAlikeAmongSixteen()
    {
        for (var agents = TeamSpec.MinAgents; agents <= TeamSpec.MaxAgents; agents++)
        {
            var views = ViewSpread.Of(agents);

            Assert.Equal(agents, views.Length);
            Assert.Equal(Math.Min(agents, 16), views.Select(view => view ?? new ViewSpec()).Distinct().Count());
            Assert.Null(views[0]);
            Assert.All(views, view => Assert.Null(view?.Fault));
        }
    }

    private static ViewFrame AnyFrame(Random random)
    {
        var width = random.Next(16, 3000);
        var height = Math.Clamp((int)(width * Math.Pow(40, (2 * random.NextDouble()) - 1)), 16, 12_288);
        var area = random.GetItems(Enum.GetValues<ViewArea>(), 1)[0];
        var view = new ViewSpec
        {
            Area = area, Box = area == ViewArea.Box ? AnyBox(random) : null,
            Flip = random.Next(2) == 0, Enlarge = random.Next(2) == 0, Tone = random.GetItems(Enum.GetValues<ViewTone>(), 1)[0],
            // Null and 1 are left out: the image as it is may be larger than pictures made are.
            Scale = 0.25 * Math.Pow(16, random.NextDouble()),
        };
        return ViewFrame.Of(view, Math.Max(width, (height + 39) / 40), height, AnyBox(random));
    }

    private static NormalizedBox AnyBox(Random random)
    {
        var (x0, x1) = Pair();
        var (y0, y1) = Pair();
        return new(x0, y0, x1, y1);

        (double, double) Pair()
        {
            var from = random.NextDouble() * 0.95;
            return (from, from + ((1 - from) * (0.001 + (0.999 * random.NextDouble()))));
        }
    }

    private static double Between(double from, double to, double share) => from + ((to - from) * share);

    private static void AssertClose(NormalizedBox expected, NormalizedBox actual)
    {
        Assert.Equal(expected.X0, actual.X0, Close);
        Assert.Equal(expected.Y0, actual.Y0, Close);
        Assert.Equal(expected.X1, actual.X1, Close);
        Assert.Equal(expected.Y1, actual.Y1, Close);
    }
}
