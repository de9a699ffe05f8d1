using Sluice.Media.Cmaf;

namespace Sluice.Server.Probe;

/// <summary>Finds the frame rate that is meant behind the two that ffprobe gives.</summary>
internal static class FrameRates
{
    /// <summary>No screen shows more, and no encoder should be asked for it.</summary>
    private const int Most = 120;

    /// <summary>Rates that differ by less are the same one, read with a shaky clock.</summary>
    private const double Slack = 0.02;

    private static readonly Rational[] Usual =
    [
        new(5, 1), new(6, 1), new(8, 1), new(10, 1), new(12000, 1001), new(12, 1), new(25, 2), new(15000, 1001), new(15, 1), new(20, 1),
        new(24000, 1001), new(24, 1), new(25, 1), new(30000, 1001), new(30, 1), new(48000, 1001), new(48, 1), new(50, 1),
        new(60000, 1001), new(60, 1), new(100, 1), new(120000, 1001), new(120, 1),
    ];

    /// <summary>The rate of a grid for the frames.</summary>
    /// <param name="real">ffprobe's <c>r_frame_rate</c>: the coarsest grid on which all timestamps lie. A container that counts
    /// in milliseconds or 90 kHz may make that 1000/1 or 90000/1.</param>
    /// <param name="average">ffprobe's <c>avg_frame_rate</c>: frames by time.</param>
    /// <returns>The rate, and whether frames lie beside the grid.</returns>
    public static (Rational? Rate, bool IsVariable) Choose(Rational? real, Rational? average)
    {
        real = real is { } r && r.Value <= Most ? r : null;
        if (average is not { } mean)
        {
            return (real, false);
        }

        if (mean.Value > Most)
        {
            return (new Rational(Most, 1), true);
        }

        if (real is { } grid && Near(grid, mean))
        {
            return (grid, false);
        }

        // The nearest that people use; else the next above, so that no frame of an average second is lost.
        var near = Usual.Where(u => Near(u, mean)).OrderBy(u => Math.Abs(u.Value - mean.Value)).Cast<Rational?>().FirstOrDefault();
        return (near ?? (mean.Value < Usual[0].Value ? mean.Reduced() : Usual.First(u => u.Value >= mean.Value)), true);
    }

    private static bool Near(Rational a, Rational b) => Math.Abs((a.Value / b.Value) - 1) < Slack;
}
