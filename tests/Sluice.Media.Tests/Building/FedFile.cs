using Shouldly;
using Sluice.Media.IsoBmff;

namespace Sluice.Media.Tests.Building;

/// <summary>A fragmented file that went through a <see cref="FragmentFeed"/>.</summary>
internal static class FedFile
{
    /// <summary>Reads a whole file, appended in pieces whose sizes <paramref name="pieceBytes"/> tells.</summary>
    public static (FragmentFeed Feed, List<FeedSample> Samples) Read(ReadOnlySpan<byte> file, Func<int> pieceBytes)
    {
        var feed = new FragmentFeed();
        var samples = new List<FeedSample>();
        while (!file.IsEmpty)
        {
            var piece = Math.Min(pieceBytes(), file.Length);
            feed.Append(file[..piece]);
            file = file[piece..];
            while (feed.TryRead(out var sample))
            {
                samples.Add(sample);
            }
        }

        return (feed, samples);
    }

    /// <summary>Reads a whole file that has no fault.</summary>
    public static (IReadOnlyList<MovieTrack> Tracks, List<FeedSample> Samples) Read(ReadOnlySpan<byte> file)
    {
        var (feed, samples) = Read(file, static () => 64 * 1024);
        feed.Problem.ShouldBeNull();
        feed.IsWhole.ShouldBeTrue();
        return (feed.Tracks.ShouldNotBeNull(), samples);
    }

    /// <summary>Samples as text, with their bytes, so that they compare by value.</summary>
    public static IEnumerable<string> Texts(this IEnumerable<FeedSample> samples) => samples.Select(static s =>
        $"{s.TrackId} {s.DecodeTicks}+{s.DurationTicks} {s.CompositionOffset} {s.IsSync} {Convert.ToHexStringLower(s.Payload.Span)}");
}
