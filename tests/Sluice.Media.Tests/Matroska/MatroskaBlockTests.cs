using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Cmaf;
using Sluice.Media.Matroska;
using Sluice.Media.Tests.Building;
using Xunit;

namespace Sluice.Media.Tests.Matroska;

/// <summary>What other muxers write than ffmpeg.</summary>
public sealed class MatroskaBlockTests
{
    private static readonly byte[][] Frames = [.. Enumerable.Range(0, 4).Select(i => Enumerable.Repeat((byte)(i + 1), 300 + (i * 40)).ToArray())];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Frames_of_different_lengths_may_share_a_block(int lacing)
    {
        var (samples, payload) = Read(new MatroskaBuilder().Sound().Cluster(0, true, MatroskaBuilder.Simple(0, lacing, Frames)).Build());

        samples.Select(s => (s.SizeBytes, s.DurationTicks)).ShouldBe(Frames.Select(f => (f.Length, 1024u)));
        payload.ShouldBe(Frames.SelectMany(f => f));
    }

    [Fact]
    public void Frames_of_the_same_length_may_share_a_block()
    {
        byte[][] same = [.. Frames.Select(f => f[..300])];

        var (samples, payload) = Read(new MatroskaBuilder().Sound().Cluster(0, true, MatroskaBuilder.Simple(0, 2, same)).Build());

        samples.Select(s => s.SizeBytes).ShouldBe([300, 300, 300, 300]);
        payload.ShouldBe(same.SelectMany(f => f));
    }

    [Fact]
    public void Bytes_that_every_frame_begins_with_are_put_back()
    {
        var (samples, payload) = Read(new MatroskaBuilder().Sound(0xCA, 0xFE).Cluster(0, true, MatroskaBuilder.Simple(0, 0, Frames[0])).Build());

        samples.ShouldHaveSingleItem().SizeBytes.ShouldBe(302);
        payload.ShouldBe((byte[])[0xCA, 0xFE, .. Frames[0]]);
    }

    [Fact]
    public void Clusters_may_be_of_unknown_size_and_blocks_in_groups()
    {
        var file = new MatroskaBuilder().Sound()
            .Cluster(0, isSizeKnown: false, MatroskaBuilder.Group(0, refersToAnother: false, Frames[0]), MatroskaBuilder.Group(23, refersToAnother: true, Frames[1]))
            .Cluster(3000, isSizeKnown: false, MatroskaBuilder.Group(0, refersToAnother: false, Frames[2]), MatroskaBuilder.Simple(24, 0, Frames[3]))
            .Build();

        Read(file).Payload.ShouldBe((byte[])[.. Frames[0], .. Frames[1]]);
        Read(file, number: 2).Payload.ShouldBe((byte[])[.. Frames[2], .. Frames[3]]);
    }

    [Fact]
    public void A_hole_in_the_sound_lengthens_the_packet_before_it()
    {
        var (samples, _) = Read(new MatroskaBuilder().Sound()
            .Cluster(0, true, MatroskaBuilder.Simple(0, 0, Frames[0]), MatroskaBuilder.Simple(23, 0, Frames[1]), MatroskaBuilder.Simple(1022, 0, Frames[2])).Build());

        samples.Select(s => s.DurationTicks).ShouldBe([1024u, 43 * 1024, 1024]);
    }

    [Fact]
    public void Cues_that_name_no_keyframe_are_an_error_and_no_picture_of_another_time()
    {
        var file = new MatroskaBuilder().Sound()
            .Cluster(0, true, MatroskaBuilder.Simple(0, 0, Frames[0]))
            .Cluster(3000, true, MatroskaBuilder.Simple(5, 0, Frames[1]))
            .Build();
        var source = new MemoryByteSource(file);
        var movie = MatroskaReader.TryRead(source, out _).ShouldNotBeNull();

        MatroskaSegments.TryOpen(source, movie, 2, out var problem).ShouldBeNull();

        problem.ShouldBe("its index (Cues) names keyframes that are not there");
    }

    private static (List<SegmentSample> Samples, byte[] Payload) Read(byte[] file, int number = 1)
    {
        var source = new MemoryByteSource(file);
        var movie = MatroskaReader.TryRead(source, out var problem).ShouldNotBeNull(problem);
        var segments = MatroskaSegments.TryOpen(source, movie, 2, out problem).ShouldNotBeNull(problem);
        var segment = segments.BytesOf(source, number, segments.Tracks.ShouldHaveSingleItem());
        var samples = new List<SegmentSample>();
        SegmentHeadReader.TryRead(segment, samples).ShouldNotBeNull();
        return (samples, segment[^samples.Sum(s => s.SizeBytes)..]);
    }
}
