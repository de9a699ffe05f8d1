using Sluice.Media.Cmaf;
using Sluice.Server.Probe;

namespace Sluice.Server.Transcode;

/// <summary>Puts what is known of a stream into the terms of an encode.</summary>
internal static class EncodeSources
{
    /// <summary>More frames in a second than this are halved: hardly a screen shows them.</summary>
    private const double MostFrames = 60;

    /// <summary>A stream that does not say gets the rate of television.</summary>
    private static readonly Rational UsualRate = new(25, 1);

    /// <summary>The names that go into a filter graph: ffmpeg's own for colours that players know.</summary>
    private static readonly string[] KnownColors =
        ["bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "bt2020", "bt2020nc", "bt2020-10", "bt2020-12", "iec61966-2-1", "fcc"];

    /// <summary>The picture.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="facts">Its source.</param>
    /// <param name="zero">The title's zero on the source's timeline, in seconds.</param>
    /// <param name="isOffered">Browsers play the stream itself, and it is offered.</param>
    public static EncodedPicture Picture(StreamFacts stream, SourceFacts facts, double zero, bool isOffered)
    {
        var width = Math.Max(2, (int)Math.Round(stream.Width * stream.SampleAspectRatio.Value));
        var (shownWidth, shownHeight) = stream.Rotation % 180 == 90 ? (stream.Height, width) : (width, stream.Height);
        return new EncodedPicture(
            stream.Index, RateOf(stream), EndOf(stream, facts) - zero, shownWidth, Math.Max(2, shownHeight), stream.IsInterlaced, stream.IsHdr,
            new ColorTags(Known(stream.Color.Primaries), Known(stream.Color.Transfer), Known(stream.Color.Matrix)), isOffered)
        {
            StartSeconds = stream.StartSeconds - zero,
        };
    }

    /// <summary>A sound.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="facts">Its source.</param>
    /// <param name="zero">The title's zero on the source's timeline, in seconds.</param>
    /// <param name="isDefault">It is the one to be heard by default.</param>
    public static EncodedSound Sound(StreamFacts stream, SourceFacts facts, double zero, bool isDefault) => new(
        stream.Index, stream.SampleRate > 0 ? stream.SampleRate : 48000, Math.Max(1, stream.Channels), stream.StartSeconds - zero,
        EndOf(stream, facts) - zero, PacketSamples(stream), stream.Language, stream.Title, isDefault);

    private static double EndOf(StreamFacts stream, SourceFacts facts) =>
        stream.EndSeconds ?? (facts.StartSeconds + facts.DurationSeconds);

    private static Rational RateOf(StreamFacts stream)
    {
        var rate = stream.FrameRate is { Numerator: > 0, Denominator: > 0 } said ? said : UsualRate;
        while (rate.Value > MostFrames)
        {
            rate = new Rational(rate.Numerator, rate.Denominator * 2);
        }

        return rate;
    }

    /// <summary>Samples of which every packet of a codec has a multiple; 0 where that is not known.</summary>
    private static int PacketSamples(StreamFacts stream) => stream.Codec switch
    {
        "ac3" or "eac3" => 1536,
        "mp2" => 1152,
        "mp3" => stream.SampleRate >= 32000 ? 1152 : 576,
        "aac" => 1024,
        "opus" => 120, // Packets last 2.5 ms or a multiple of it (RFC 6716 section 2.1.4).
        "dts" or "wmav1" or "wmav2" => 512,
        "vorbis" or "flac" => 64, // Their blocks differ in length, but each is a multiple of this.
        _ => 0,
    };

    private static string? Known(string name) => KnownColors.Contains(name) ? name : null;
}
