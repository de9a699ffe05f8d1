using System.IO.Compression;
using System.Text;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Matroska;
using Sluice.Media.Tests.Building;
using Sluice.Media.Text;
using Xunit;

namespace Sluice.Media.Tests.Matroska;

/// <summary>Subtitles that lie between the frames.</summary>
public sealed class MatroskaSubtitleTests
{
    [Theory]
    [InlineData("S_TEXT/UTF8", "First\r\n<i>second</i> <font color=red>third</font>", "First\n<i>second</i> third")]
    [InlineData("S_TEXT/UTF8", "a < b & c --> d", "a &lt; b &amp; c --&gt; d")]
    [InlineData("S_TEXT/ASS", @"3,0,Default,Anna,0,0,0,,{\an8}Hello, you,\Nthere", "Hello, you,\nthere")]
    [InlineData("S_TEXT/ASS", @"3,0,Default,,0,0,0,,{\i1}one{\i0} {\fs20}two", "<i>one</i> two")]
    [InlineData("S_TEXT/SSA", @"3,0,Default,,0,0,0,,one\htwo", "one two")]
    [InlineData("S_TEXT/WEBVTT", "plain <b>bold</b>", "plain <b>bold</b>")]
    [InlineData("D_WEBVTT/SUBTITLES", "id 1\nalign:start\nplain", "plain")]
    public void Their_text_becomes_cues(string codec, string said, string shown)
    {
        var cue = Read(codec, false, Encoding.UTF8.GetBytes(said)).ShouldHaveSingleItem();

        (cue.StartMilliseconds, cue.EndMilliseconds, cue.Text).ShouldBe((100, 300, shown));
    }

    [Theory]
    [InlineData("S_TEXT/ASS", @"3,0,Default,,0,0,0,,{\p1}m 0 0 l 100 0 100 100 0 100{\p0}")]
    [InlineData("S_TEXT/ASS", "no event")]
    [InlineData("S_TEXT/UTF8", "\n \n")]
    public void What_says_nothing_is_left_out(string codec, string said) => Read(codec, false, Encoding.UTF8.GetBytes(said)).ShouldBeEmpty();

    [Fact]
    public void They_may_be_packed()
    {
        Read("S_TEXT/UTF8", true, Pack(Encoding.UTF8.GetBytes("unpacked"))).ShouldHaveSingleItem().Text.ShouldBe("unpacked");
        Read("S_TEXT/UTF8", true, Encoding.UTF8.GetBytes("no zlib")).ShouldBeEmpty();
        Read("S_TEXT/UTF8", true, Pack(new byte[10 << 20])).ShouldBeEmpty();
    }

    [Fact]
    public void Pictures_are_none()
    {
        var movie = Open(new MatroskaBuilder().Sound().Text("S_HDMV/PGS").Cluster(0, true, MatroskaBuilder.Simple(0, 0, [1])).Build(), out _).Movie;

        movie.Tracks.Where(MatroskaSubtitles.AreIn).ShouldBeEmpty();
    }

    private static IReadOnlyList<Cue> Read(string codec, bool isDeflated, byte[] text)
    {
        var file = new MatroskaBuilder().Sound().Text(codec, isDeflated)
            .Cluster(0, true, MatroskaBuilder.Simple(0, 0, [1, 2, 3]), MatroskaBuilder.Line(100, 200, text), MatroskaBuilder.Simple(23, 0, [4, 5])).Build();
        var segments = Open(file, out var source);
        var stretch = segments.TryRead(source, 1, out var problem).ShouldNotBeNull(problem);
        return MatroskaSubtitles.Read(source, stretch, segments.Tracks.Single(MatroskaSubtitles.AreIn), segments.Movie.Timescale);
    }

    private static MatroskaSegments Open(byte[] file, out MemoryByteSource source)
    {
        source = new MemoryByteSource(file);
        var movie = MatroskaReader.TryRead(source, out var problem).ShouldNotBeNull(problem);
        return MatroskaSegments.TryOpen(source, movie, 2, out problem).ShouldNotBeNull(problem);
    }

    private static byte[] Pack(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return packed.ToArray();
    }
}
