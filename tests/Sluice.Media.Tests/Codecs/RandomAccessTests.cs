using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Codecs;
using Sluice.Media.IsoBmff;
using Sluice.Media.Tests.MpegTs;
using Sluice.Tests;
using Xunit;
using RandomAccess = Sluice.Media.Codecs.RandomAccess;

namespace Sluice.Media.Tests.Codecs;

public sealed class RandomAccessTests(RandomAccessTests.Encodes encodes) : IClassFixture<RandomAccessTests.Encodes>
{
    private const int PrefixBytes = 4096;

    /// <summary>What each encoder's key frames are; every other frame is none.</summary>
    [Theory]
    [InlineData("libx264 -bf 3 -x264-params open-gop=0", RandomAccess.Idr)]
    [InlineData("libx264 -bf 3 -x264-params open-gop=1", RandomAccess.OpenGop)]
    [InlineData("libx265 -x265-params open-gop=0:log-level=none", RandomAccess.Idr)]
    [InlineData("libx265 -x265-params open-gop=1:log-level=none", RandomAccess.OpenGop)]
    [InlineData("libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 200k", RandomAccess.Idr)]
    [InlineData("libaom-av1 -usage realtime -cpu-used 8 -b:v 200k", RandomAccess.Idr)]
    [InlineData("mpeg4", RandomAccess.Idr)]
    public void The_bitstream_tells_its_own_key_frames(string encoder, RandomAccess later)
    {
        var samples = encodes.Samples(encoder);
        samples[0].Class.ShouldBe(RandomAccess.Idr);
        var keys = samples.Skip(1).Where(static s => s.IsSync).ToList();
        keys.ShouldNotBeEmpty();
        keys.ShouldAllBe(k => k.Class == later);
        samples.Where(static s => !s.IsSync && s.Class != RandomAccess.None).ShouldAllBe(s => s.Class == later && later == RandomAccess.OpenGop);
    }

    [Fact]
    public void Sync_samples_of_the_corpus_are_never_called_ordinary_by_their_bitstream_alone()
    {
        foreach (var file in Corpus.Movies())
        {
            var source = new MemoryByteSource(File.ReadAllBytes(file));
            foreach (var (track, _, d) in CorpusFiles.Descriptions(source).Where(static t => t.Track.Kind == TrackKind.Video && t.Track.HasSyncTable))
            {
                foreach (var s in Encodes.Read(source, track, d).Where(static s => s.IsSync))
                {
                    s.Class.ShouldNotBe(RandomAccess.None, Path.GetFileName(file));
                }
            }
        }
    }

    [Theory]
    [InlineData("00000002 0910 00000002 6588", RandomAccess.Idr)]
    [InlineData("00000002 0910 00000002 4188", RandomAccess.None)]
    [InlineData("00000005 06060184 80 00000002 4188", RandomAccess.OpenGop)] // recovery_frame_cnt 0
    [InlineData("00000005 06060140 80 00000002 4188", RandomAccess.None)] // recovery_frame_cnt 1: gradual
    [InlineData("00000002 0910 000000FF 65", RandomAccess.Idr)] // cut inside the slice
    [InlineData("00000002 0910 0000", RandomAccess.Unknown)] // cut before it
    [InlineData("", RandomAccess.Unknown)]
    public void A_prefix_is_enough_or_the_answer_is_unknown(string hex, RandomAccess expected)
    {
        var avc = Convert.FromHexString("0164000cffe100196764000cacd941419f9f016c80000003008000000a078a14cb01000568ebecb22c");
        var entry = SampleEntryBytes.Video("avc1", 320, 180, SampleEntryBytes.Box("avcC", avc));
        SampleDescription.TryParse(entry, TrackKind.Video)!.Classify(SampleEntryBytes.Hex(hex)).ShouldBe(expected);
    }

    /// <summary>Two seconds from each encoder, a key frame every half second.</summary>
    public sealed class Encodes : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-gop-");

        internal List<(bool IsSync, RandomAccess Class)> Samples(string encoder)
        {
            var path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.mp4");
            Ffmpeg.Run(
                $"-f lavfi -i testsrc2=size=160x90:rate=24:duration=2 -pix_fmt yuv420p -g 12 -keyint_min 12 -strict -2 -c:v {encoder}", path);
            var source = new MemoryByteSource(File.ReadAllBytes(path));
            var (track, _, description) = CorpusFiles.Descriptions(source).Single();
            return Read(source, track, description);
        }

        internal static List<(bool IsSync, RandomAccess Class)> Read(IByteSource source, MovieTrack track, SampleDescription description)
        {
            var samples = new List<(bool, RandomAccess)>();
            var reader = track.OpenSamples(source);
            while (reader.TryRead(out var s))
            {
                var prefix = new byte[Math.Min(s.SizeBytes, PrefixBytes)];
                source.Read(s.Offset, prefix);
                samples.Add((s.IsSync, description.Classify(prefix)));
            }

            return samples;
        }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
