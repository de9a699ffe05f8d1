using System.Buffers;
using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.MpegTs;

namespace Sluice.Media.Tests.MpegTs;

/// <summary>An MP4 cut at its sync samples and muxed segment by segment, each by a muxer of its own.</summary>
internal sealed class SegmentedTs
{
    public const long OffsetTicks = 900_000;

    private readonly MemoryByteSource _source;

    public SegmentedTs(string mp4, double targetSeconds = 2)
    {
        _source = new MemoryByteSource(File.ReadAllBytes(mp4));
        var movie = MovieReader.TryRead(_source, out _)!;
        var tracks = movie.Tracks.Select(t => (Track: t, Description: t.SampleEntries.Count > 0 ? SampleDescription.TryParse(t.SampleEntries[0], t.Kind) : null)).ToList();
        var video = tracks.FirstOrDefault(static t => t.Description?.Codec == CodecId.H264);
        var audio = tracks.FirstOrDefault(static t => t.Track.Kind == TrackKind.Audio);
        Program = TsProgram.TryCreate(video.Description, audio.Description, out var reason)
            ?? throw new InvalidOperationException(reason);
        var pictures = Read(video.Track, isVideo: true).ToList();
        var early = pictures.Select(static s => s.Dts - s.Pts).DefaultIfEmpty().Max();
        var samples = pictures.Select(s => s with { Dts = s.Dts - Math.Max(0, early) }).Concat(Read(audio.Track, isVideo: false)).OrderBy(static s => s.Dts).ToList();
        Segments = [.. Cut(samples, video.Track is not null, (long)(targetSeconds * 90_000)).Select(Mux)];
    }

    public TsProgram Program { get; }

    public List<Segment> Segments { get; }

    public byte[] All => [.. Segments.SelectMany(static s => s.Bytes)];

    private IEnumerable<Sample> Read(MovieTrack? track, bool isVideo)
    {
        var reader = track?.OpenSamples(_source);
        while (reader is not null && reader.TryRead(out var s))
        {
            var bytes = new byte[s.SizeBytes];
            _source.Read(s.Offset, bytes);
            yield return new Sample(isVideo, Scale(s.CompositionTicks), Scale(s.DecodeTicks), s.IsSync, bytes);
        }

        long Scale(long ticks) => OffsetTicks + (long)Math.Round(ticks * 90_000m / track!.Timescale, MidpointRounding.AwayFromZero);
    }

    private static IEnumerable<List<Sample>> Cut(List<Sample> samples, bool hasVideo, long target)
    {
        var segment = new List<Sample>();
        foreach (var sample in samples)
        {
            if (segment.Count > 0 && sample.IsVideo == hasVideo && sample.IsSync && sample.Dts - segment[0].Dts >= target - 4500)
            {
                yield return segment;
                segment = [];
            }

            segment.Add(sample);
        }

        yield return segment;
    }

    private Segment Mux(List<Sample> samples)
    {
        var output = new ArrayBufferWriter<byte>();
        var muxer = new TsMuxer(Program, output);
        foreach (var s in samples)
        {
            if (s.IsVideo)
            {
                muxer.WriteVideo(s.Pts, s.Dts, s.IsSync, s.Bytes);
            }
            else
            {
                muxer.WriteAudio(s.Pts, s.Bytes);
            }
        }

        muxer.Complete();
        return new Segment(output.WrittenSpan.ToArray(), samples);
    }

    internal sealed record Sample(bool IsVideo, long Pts, long Dts, bool IsSync, byte[] Bytes);

    internal sealed record Segment(byte[] Bytes, List<Sample> Samples);
}
