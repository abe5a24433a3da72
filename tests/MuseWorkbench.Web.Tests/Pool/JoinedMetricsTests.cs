using MuseWorkbench.Web.Features.Pool.Metrics;

namespace MuseWorkbench.Web.Tests.Pool;

public class JoinedMetricsTests
{
    [Fact]
    public void Join_TwoEngines_EachFamilyOnceWithTheEnginesSamples()
    {
        const string page = "# HELP muse:steps_total Steps.\n# TYPE muse:steps_total counter\nmuse:steps_total{model_name=\"m\"} 5\n# HELP process_start_time_seconds Start.\n# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds 17.5\n";

        var joined = JoinedMetrics.Join([("a", page), ("b", page)]);

        Assert.Equal(
            """
            # HELP muse:engine_up Whether the engine runs and answers.
            # TYPE muse:engine_up gauge
            muse:engine_up{engine="a"} 1
            muse:engine_up{engine="b"} 1
            # HELP muse:steps_total Steps.
            # TYPE muse:steps_total counter
            muse:steps_total{engine="a",model_name="m"} 5
            muse:steps_total{engine="b",model_name="m"} 5
            # HELP process_start_time_seconds Start.
            # TYPE process_start_time_seconds gauge
            process_start_time_seconds{engine="a"} 17.5
            process_start_time_seconds{engine="b"} 17.5

            """, joined);
    }

    [Fact]
    public void Join_EngineThatDoesNotAnswer_IsTold()
    {
        var joined = JoinedMetrics.Join([("a\"\\", null)]);

        Assert.EndsWith("muse:engine_up{engine=\"a\\\"\\\\\"} 0\n", joined);
    }

    [Theory]
    [InlineData("x{} 1", "x{engine=\"a\"} 1")]
    [InlineData("x_bucket{le=\"+Inf\"} 2 1700000000", "x_bucket{engine=\"a\",le=\"+Inf\"} 2 1700000000")]
    [InlineData("x 3", "x{engine=\"a\"} 3")]
    public void Join_Sample_GetsTheLabel(string sample, string expected) =>
        Assert.Contains(expected, JoinedMetrics.Join([("a", sample)]).Split('\n'));
}
