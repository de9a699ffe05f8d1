namespace Sluice.Server.Live.Channels;

/// <summary>Numbers that a live playlist begins with. They come from the clock, so that they do not go back when the server is started anew.</summary>
/// <param name="Segment">Media sequence number: seconds since 1970, for no segment is shorter than a second for long.</param>
/// <param name="Discontinuity">
/// Discontinuity sequence number: tens of minutes since 2026. It has to stay small: hls.js keeps a list that is as long as this number is high,
/// and goes through it at each load of a playlist.
/// </param>
internal readonly record struct FeedNumbers(long Segment, long Discontinuity)
{
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Those of a feed that begins now, above all that were used.</summary>
    public static FeedNumbers At(DateTimeOffset now, FeedNumbers used) => new(
        Math.Max(now.ToUnixTimeSeconds(), used.Segment),
        Math.Max((long)((now - Origin) / TimeSpan.FromMinutes(10)), used.Discontinuity));
}
