namespace Sluice.Server.Transcode;

/// <summary>
/// Which sizes a picture is encoded in, and how many bits each may take. The rates are those of a film in H.264; quality
/// is constant (CRF) and only capped by them.
/// </summary>
internal static class Ladder
{
    /// <summary>A rung this near to the one above it is not worth its bits.</summary>
    private const double Nearest = 0.9;

    /// <summary>Kilobits in a second that a picture of 1920x1080 may take at most.</summary>
    private const double FullHdKilobits = 5000;

    private const double FullHdPixels = 1920 * 1080;

    /// <summary>A smaller picture needs more bits for each pixel: rate ∝ pixels^0.75, the usual rule of thumb.</summary>
    private const double RateExponent = 0.75;

    /// <summary>The sizes, best first: the source's own (unless <paramref name="belowSource"/>), then the configured heights
    /// below it, with its aspect.</summary>
    /// <param name="width">Shown width of the source in square pixels.</param>
    /// <param name="height">Shown height of the source.</param>
    /// <param name="heights">Configured heights.</param>
    /// <param name="belowSource">The source itself is the first rung, so none of its size is made.</param>
    public static IReadOnlyList<(int Width, int Height)> Sizes(int width, int height, IEnumerable<int> heights, bool belowSource)
    {
        var configured = heights.OrderDescending().ToList();
        var top = Math.Min(height, configured.DefaultIfEmpty(height).First());
        var sizes = new List<(int, int)>();
        if (!belowSource || top < height)
        {
            sizes.Add(SizeOf(width, height, top));
        }

        var last = (double)top;
        foreach (var next in configured)
        {
            if (next < last * Nearest)
            {
                sizes.Add(SizeOf(width, height, next));
                last = next;
            }
        }

        return sizes;
    }

    /// <summary>Kilobits in a second that a picture of that size takes at most.</summary>
    public static int MaxKilobits(int width, int height, string codec)
    {
        var h264 = FullHdKilobits * Math.Pow(width * (double)height / FullHdPixels, RateExponent);
        var rate = codec switch { "hevc" => h264 * 0.65, "av1" => h264 * 0.55, _ => h264 };
        return (int)Math.Ceiling(rate / 10) * 10;
    }

    /// <summary>The constant rate factor: about the same quality for each codec.</summary>
    public static double Quality(string codec) => codec switch { "hevc" => 26, "av1" => 35, _ => 23 };

    private static (int Width, int Height) SizeOf(int width, int height, int target) =>
        (Even(width * (double)target / height), Even(target));

    /// <summary>4:2:0 has one colour sample for two pixels each way.</summary>
    private static int Even(double pixels) => Math.Max(16, (int)Math.Round(pixels / 2, MidpointRounding.AwayFromZero) * 2);
}
