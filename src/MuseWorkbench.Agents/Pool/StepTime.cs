namespace MuseWorkbench.Agents.Pool;

/// <summary>How long one decode step takes: a fixed part (weights are read once) and a part for each row.</summary>
/// <param name="FixedMs">Milliseconds whatever the rows.</param>
/// <param name="PerRowMs">Milliseconds more for each sequence decoded together.</param>
public readonly record struct StepTime(double FixedMs, double PerRowMs)
{
    /// <summary>Milliseconds of a step of so many rows.</summary>
    public double At(double rows) => FixedMs + (PerRowMs * Math.Max(1, rows));
}

/// <summary>
/// Learns a server's <see cref="StepTime"/> from steps seen: least squares of time over rows, older observations fading.
/// Not thread-safe.
/// </summary>
public sealed class StepMeter
{
    /// <summary>What an observation still weighs after another one.</summary>
    private const double Fading = 0.98;

    private double _weight, _rows, _time, _rowsRows, _rowsTime;

    /// <summary>Null before the first observation.</summary>
    public StepTime? Learned
    {
        get
        {
            if (_weight == 0)
                return null;
            double meanRows = _rows / _weight, meanTime = _time / _weight;
            var spread = (_rowsRows / _weight) - (meanRows * meanRows);
            // Seen at one size only, nothing tells the parts apart: a row then costs what makes the step's time its rows' share.
            var slope = spread > 1e-3 * meanRows * meanRows ? ((_rowsTime / _weight) - (meanRows * meanTime)) / spread : meanTime / meanRows / 2;
            slope = Math.Clamp(slope, 0, meanTime / meanRows);
            return new StepTime(meanTime - (slope * meanRows), slope);
        }
    }

    /// <summary>A step (or many, in the mean) of so many rows took so long; what can't be is left out.</summary>
    public void Note(double rows, double milliseconds)
    {
        if (!(rows >= 1 && milliseconds > 0 && double.IsFinite(rows) && double.IsFinite(milliseconds)))
            return;
        _weight = (_weight * Fading) + 1;
        _rows = (_rows * Fading) + rows;
        _time = (_time * Fading) + milliseconds;
        _rowsRows = (_rowsRows * Fading) + (rows * rows);
        _rowsTime = (_rowsTime * Fading) + (rows * milliseconds);
    }
}
