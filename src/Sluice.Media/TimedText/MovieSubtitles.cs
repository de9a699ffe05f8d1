using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.IsoBmff;
using Sluice.Media.Text;

namespace Sluice.Media.TimedText;

/// <summary>
/// Subtitles that are text in a track of an MP4: 3GPP timed text (<c>tx3g</c>), QuickTime text, WebVTT (<c>wvtt</c>). The tables say where each text
/// lies and when it is shown, so that no more than the texts that are wanted is read of the file.
/// </summary>
public sealed class MovieSubtitles
{
    /// <summary>A longer sample is no subtitle.</summary>
    private const int MostBytes = 64 << 10;

    /// <summary>Bit of a <c>tx3g</c> entry's displayFlags: all samples are forced.</summary>
    private const uint AllForced = 0x8000_0000;

    private static readonly FourCc[] Formats = ["tx3g", "text", "wvtt"];

    private readonly bool _isWebVtt;

    private MovieSubtitles(MovieTrack track, List<TextSample> samples)
    {
        var entry = track.SampleEntries[0];
        _isWebVtt = FormatOf(entry) == "wvtt";
        Samples = samples;
        Language = Languages.ToBcp47(track.Language);
        Name = track.Name;
        IsDefault = track.Header is { IsEnabled: true };
        IsForced = FormatOf(entry) == "tx3g" && FlagsOf(entry) is var flags && (flags & AllForced) != 0;
    }

    /// <summary>The texts, in the order in which they are shown; those without a word are left out.</summary>
    public IReadOnlyList<TextSample> Samples { get; }

    /// <summary>BCP 47 tag, or null.</summary>
    public string? Language { get; }

    /// <summary>Name that the file gives the track, or null.</summary>
    public string? Name { get; }

    /// <summary>The track is enabled: to be shown when nobody chose.</summary>
    public bool IsDefault { get; }

    /// <summary>Only what must be understood although the viewer knows the sound's language.</summary>
    public bool IsForced { get; }

    /// <summary>Whether a track is one whose text can be read.</summary>
    public static bool AreIn(MovieTrack track) =>
        track is { Kind: TrackKind.Text, Problem: null, SampleEntries: [var entry, ..] } && Formats.Contains(FormatOf(entry));

    /// <summary>One pass over the tables of a track.</summary>
    /// <param name="source">The file.</param>
    /// <param name="movie">Its headers.</param>
    /// <param name="track">A track of which <see cref="AreIn"/> is true.</param>
    /// <param name="mostSamples">More are no subtitles, and there is no answer.</param>
    public static MovieSubtitles? TryRead(IByteSource source, Movie movie, MovieTrack track, int mostSamples)
    {
        var timeline = TrackTimeline.From(track.Edits, movie.Timescale, track.Timescale, out _);
        var empty = FormatOf(track.SampleEntries[0]) == "wvtt" ? WebVttSample.EmptyBytes : TimedTextSample.EmptyBytes;
        var samples = new List<TextSample>();
        var reader = track.OpenSamples(source);
        while (reader.TryRead(out var sample))
        {
            if (samples.Count == mostSamples)
            {
                return null;
            }

            var (start, end) = (InMilliseconds(sample.CompositionTicks), InMilliseconds(Math.Min(sample.CompositionEndTicks, timeline.EndTicks)));
            if (sample.SizeBytes > empty && sample.SizeBytes <= MostBytes && end > start)
            {
                samples.Add(new TextSample(sample.Offset, sample.SizeBytes, start, end));
            }
        }

        return new MovieSubtitles(track, [.. samples.OrderBy(s => s.StartMilliseconds)]);

        long InMilliseconds(long ticks) => Math.Max(0, Ticks.Rescale(timeline.ToPresentation(ticks), track.Timescale, 1000));
    }

    /// <summary>What a text says, by the file's presentation time; empty when it says nothing, or is damaged.</summary>
    /// <param name="sample">The text.</param>
    /// <param name="bytes">Its bytes.</param>
    public IReadOnlyList<Cue> Read(TextSample sample, ReadOnlySpan<byte> bytes) =>
        [.. _isWebVtt ? WebVttSample.Read(bytes, sample) : TimedTextSample.Read(bytes, sample)];

    private static FourCc FormatOf(byte[] entry) => entry.Length < 8 ? default : FourCc.Read(entry.AsSpan(4));

    /// <summary>The displayFlags of a <c>tx3g</c> entry (3GPP TS 26.245 section 5.16): behind box header, reserved bytes and data reference.</summary>
    private static uint FlagsOf(byte[] entry)
    {
        var reader = new SpanReader(entry);
        reader.Skip(16);
        return reader.ReadUInt32();
    }
}
