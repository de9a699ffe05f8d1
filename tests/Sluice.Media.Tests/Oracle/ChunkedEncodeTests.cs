using System.Globalization;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Oracle;

/// <summary>
/// Renditions that several runs of an encoder made, chunk by chunk, are for ffprobe one stream: every frame once, on the
/// grid, with decode times that go on from run to run.
/// </summary>
public sealed class ChunkedEncodeTests : IDisposable
{
    private const int Origin = 2;
    private const int FrameCount = 470; // 19.6 s; ten chunks of 48 frames, the last of 38
    private const string Muxer = "-f mp4 -movflags +empty_moov+default_base_moof+frag_keyframe -frag_duration 500000";

    private static readonly VideoGrid Grid = new(new Rational(24000, 1001), FrameCount, 48, Origin);
    private static readonly (int First, int End)[] Runs = [(1, 4), (4, 7), (7, 11)];

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-chunks-").FullName;

    [Theory]
    [InlineData("libx264", "-preset veryfast -x264-params keyint=infinite:min-keyint=1:scenecut=0:open-gop=0")]
    [InlineData("libx265", "-preset ultrafast -tag:v hvc1 -x265-params keyint=-1:min-keyint=1:scenecut=0:open-gop=0:log-level=none")]
    public async Task Pictures_of_several_runs_are_one_stream(string encoder, string options)
    {
        var rendition = new Rendition(Grid.Timings());
        foreach (var (first, end) in Runs)
        {
            var (start, stop) = (Grid.FirstFrame(first), Grid.FirstFrame(end));
            var (track, samples) = Encode($"-f lavfi -i testsrc2=s=160x90:r=24000/1001:d=20 -vf fps=24000/1001,trim=start_pts={start}:end_pts={stop} " +
                $"-c:v {encoder} {options} -pix_fmt yuv420p -force_key_frames expr:eq(mod(n,48),0) -fps_mode passthrough " +
                $"-enc_time_base 1001:24000 -video_track_timescale {Grid.Timescale}");
            track.Timescale.ShouldBe(Grid.Timescale);
            samples.Count.ShouldBe((int)(stop - start));
            rendition.Describe(track, Grid.Timescale, 160, 90);

            // The first frame of a run is its first picture: it lies where the grid puts it, and all else with it.
            var shift = Grid.Timing(first).StartTicks - samples[0].DecodeTicks - samples[0].CompositionOffset;
            for (var n = first; n < end; n++)
            {
                rendition.Add(samples.GetRange((int)(Grid.FirstFrame(n) - start), Grid.FrameCountOf(n)), shift);
            }
        }

        rendition.Gather().IndependentSegments.ShouldBeTrue();
        var packets = await ReadBack(rendition, encoder);

        packets.Count.ShouldBe(FrameCount);
        Steps(packets.Select(p => p.Dts)).ShouldAllBe(step => step == Grid.FrameTicks);
        packets.Select(p => p.Pts!.Value).Order().ShouldBe(
            Enumerable.Range(0, FrameCount).Select(i => (Origin * (long)Grid.Timescale) + (i * (long)Grid.FrameTicks)));
        packets.Index().Where(p => p.Item.IsKey).Select(p => p.Index).ShouldBe(Enumerable.Range(0, 10).Select(i => i * 48));
    }

    [Fact]
    public async Task Sounds_of_several_runs_are_one_stream()
    {
        const int samplesInAll = 19 * 48_000;
        var grid = AudioGrid.Following(48_000, samplesInAll, Origin, 2, Grid.Timings(), Grid.Timescale);
        grid.ChunkCount.ShouldBe(10);
        var rendition = new Rendition(grid.Timings());
        foreach (var (first, end) in Runs)
        {
            var (start, stop) = (grid.FirstFrame(first), grid.FirstFrame(end));
            var from = Math.Max(0, start - 4); // four packets for the encoder to settle, and two that it looks ahead
            var (track, samples) = Encode($"-f lavfi -i sine=r=48000:d=19 -af asettb=1/48000,apad,atrim=start_pts={from * 1024}:end_pts={(stop + 2) * 1024} -c:a aac -b:a 96k");
            track.Timescale.ShouldBe(48_000u);
            rendition.Describe(track, 48_000, 0, 0);
            var kept = samples.GetRange((int)(start + 1 - from), (int)(stop - start));
            for (var n = first; n < end; n++)
            {
                rendition.Add(kept.GetRange((int)(grid.FirstFrame(n) - start), grid.FrameCountOf(n)),
                    grid.Timing(first).StartTicks - kept[0].DecodeTicks);
            }
        }

        rendition.Gather();
        var packets = await ReadBack(rendition, "aac");

        packets.Count.ShouldBe((int)grid.FrameCount + 1);
        packets[0].Pts.ShouldBe(grid.StartTicks - 1024);
        packets.ShouldAllBe(p => p.Pts == p.Dts);
        Steps(packets.Select(p => p.Dts)).ShouldAllBe(step => step == 1024);
    }

    [Fact]
    public void Another_size_or_another_rate_is_another_configuration()
    {
        var descriptions = new[] { "s=160x90", "s=160x90", "s=320x180" }.Select(size => Describe($"-f lavfi -i testsrc2={size}:d=0.2 -c:v libx264"))
            .Concat(new[] { 48_000, 48_000, 44_100 }.Select(rate => Describe($"-f lavfi -i sine=r={rate}:d=0.2 -c:a aac"))).ToList();

        for (var i = 0; i < descriptions.Count; i++)
        {
            descriptions.Select(d => d.HasSameConfiguration(descriptions[i])).ShouldBe(i switch
            {
                0 or 1 => [true, true, false, false, false, false],
                2 => [false, false, true, false, false, false],
                3 or 4 => [false, false, false, true, true, false],
                _ => [false, false, false, false, false, true],
            });
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SampleDescription Describe(string arguments) =>
        RenditionInit.Describe(Encode(arguments).Track, out _).ShouldNotBeNull();

    private (MovieTrack Track, List<FeedSample> Samples) Encode(string arguments)
    {
        var path = Path.Combine(_folder, "run.mp4");
        Ffmpeg.Make($"{arguments} {Muxer}", path);
        var (tracks, samples) = FedFile.Read(File.ReadAllBytes(path));
        return (tracks.ShouldHaveSingleItem(), samples);
    }

    /// <summary>The packets of the whole rendition, which ffmpeg decodes without a word.</summary>
    private async Task<List<Packet>> ReadBack(Rendition rendition, string name)
    {
        var path = Path.Combine(_folder, name + ".mp4");
        await File.WriteAllBytesAsync(path, rendition.Whole, TestContext.Current.CancellationToken);
        Ffmpeg.Run("", "-i", path, "-f", "null", "-");
        return (await PacketStream.ReadAsync(path)).ShouldHaveSingleItem().Packets;
    }

    private static IEnumerable<long> Steps(IEnumerable<long?> times) => times.Zip(times.Skip(1), static (a, b) => (b - a)!.Value);

    /// <summary>A rendition as the server makes it: a cut table, chunks, and the index gathered from both.</summary>
    private sealed class Rendition(IReadOnlyList<SegmentTiming> timings)
    {
        private readonly List<(byte[] Bytes, int HeadBytes)> _chunks = [];
        private SampleDescription? _description;
        private byte[] _init = [];
        private uint _timescale;

        /// <summary>Init segment and chunks, as a player appends them.</summary>
        public byte[] Whole => [.. _init, .. _chunks.SelectMany(c => c.Bytes)];

        /// <summary>The first run's header is everybody's.</summary>
        public void Describe(MovieTrack track, uint timescale, int width, int height)
        {
            var description = RenditionInit.Describe(track, out var problem).ShouldNotBeNull(problem);
            _description ??= description;
            description.HasSameConfiguration(_description).ShouldBeTrue();
            _timescale = timescale;
            _init = _init.Length > 0 ? _init : RenditionInit.Write(description, 1, timescale, null, width, height);
        }

        public void Add(List<FeedSample> samples, long shift)
        {
            var w = new SpanWriter();
            samples[0].IsSync.ShouldBeTrue();
            var head = ChunkSegment.Write(w, 1, _chunks.Count + 1, samples[0].DecodeTicks + shift,
                [.. samples.Select(s => new SegmentSample(s.Payload.Length, s.DurationTicks, s.CompositionOffset, s.IsSync))],
                [.. samples.Select(s => s.Payload)]);
            _chunks.Add((w.ToArray(), head));
        }

        /// <summary>Gathers the chunks and holds that every byte of them is found again through the index.</summary>
        public TrackSummary Gather()
        {
            var promise = new MemorySink();
            CutTableIndex.Write(promise, timings, _init, new TrackSummary
            {
                Id = "t0",
                Kind = _description!.Kind,
                Codecs = _description.Codecs,
                Timescale = _timescale,
                SegmentCount = 0,
                StartTicks = Origin * _timescale,
                EndTicks = 0,
                LongestSegmentTicks = 0,
                PeakBitsPerSecond = 0,
                AverageBitsPerSecond = 0,
            });
            var sink = new MemorySink();
            var data = new SpanWriter();
            var gather = new ChunkGather(TrackIndexReader.TryOpen(promise.Source()).ShouldNotBeNull(), sink);
            foreach (var (bytes, head) in _chunks)
            {
                data.WriteBytes(bytes.AsSpan(head));
                gather.Append(bytes.AsMemory(0, head), bytes.Length - head);
            }

            var summary = gather.Finish();
            var index = TrackIndexReader.TryOpen(sink.Source()).ShouldNotBeNull();
            for (var n = 1; n <= index.SegmentCount; n++)
            {
                var entry = index.ReadEntry(n).ShouldNotBeNull();
                var blob = index.ReadBlob(entry).ShouldNotBeNull();
                var extent = Extent.Read(blob.AsSpan(entry.HeadBytes));
                byte[] served = [.. blob[..entry.HeadBytes], .. data.WrittenSpan.Slice((int)extent.Offset, extent.LengthBytes)];
                served.ShouldBe(_chunks[n - 1].Bytes, string.Create(CultureInfo.InvariantCulture, $"segment {n}"));
            }

            return summary;
        }
    }
}
