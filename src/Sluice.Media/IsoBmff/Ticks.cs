namespace Sluice.Media.IsoBmff;

/// <summary>The one place where time moves between timescales. No overflow, no floating point.</summary>
public static class Ticks
{
    /// <summary><c>value · to / from</c>, rounded to the nearest integer, halves away from zero, computed in 128 bits
    /// and saturated at the ends of <see cref="long"/>.</summary>
    /// <param name="value">Ticks of the timescale <paramref name="from"/>.</param>
    /// <param name="from">Ticks in a second before; more than 0.</param>
    /// <param name="to">Ticks in a second after; more than 0.</param>
    public static long Rescale(long value, long from, long to)
    {
        if (from == to)
        {
            return value;
        }

        var product = (Int128)value * to;
        var half = (Int128)from / 2;
        var quotient = (product >= 0 ? product + half : product - half) / from;
        return quotient > long.MaxValue ? long.MaxValue : quotient < long.MinValue ? long.MinValue : (long)quotient;
    }

    /// <summary>Ticks as seconds, for display and for sums that need no exactness.</summary>
    public static double ToSeconds(long ticks, uint timescale) => (double)ticks / timescale;
}
