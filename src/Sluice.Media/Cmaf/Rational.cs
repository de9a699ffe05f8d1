namespace Sluice.Media.Cmaf;

/// <summary>An exact fraction, such as a frame rate of 30000/1001 or a sample aspect ratio of 4/3.</summary>
/// <param name="Numerator">Above the line.</param>
/// <param name="Denominator">Below the line; never 0.</param>
public readonly record struct Rational(long Numerator, long Denominator)
{
    /// <summary>The fraction as a floating-point number.</summary>
    public double Value => (double)Numerator / Denominator;

    /// <summary>The same fraction in lowest terms.</summary>
    public Rational Reduced()
    {
        long a = Math.Abs(Numerator), b = Math.Abs(Denominator);
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a == 0 ? this : new Rational(Numerator / a, Denominator / a);
    }
}
