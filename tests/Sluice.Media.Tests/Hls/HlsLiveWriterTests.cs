using System.Text;
using Shouldly;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>What we write for channels, as our own reader reads it.</summary>
public sealed class HlsLiveWriterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void All_that_is_said_is_read()
    {
        var written = HlsLiveWriter.Write(new HlsLivePlaylist(
            6, 1_790_000_000, 77,
            [
                new HlsLiveSegment("v/1.m4s?token=a", TimeSpan.FromSeconds(5.972), false, Noon, "v/0.mp4?token=a"),
                new HlsLiveSegment("v/2.m4s?token=a", TimeSpan.FromSeconds(6), true, null, "v/0.mp4?token=a"),
                new HlsLiveSegment("v/3.m4s?token=a", TimeSpan.FromTicks(12_345_678), false, null, "v/1.mp4?token=a"),
            ],
            IsEnded: false, CanBlockReload: true));

        var read = HlsPlaylistReader.TryRead(written, out var problem).ShouldBeOfType<HlsMediaPlaylist>(problem?.ToString());
        (read.TargetDuration, read.MediaSequence, read.DiscontinuitySequence, read.IsEnded).ShouldBe((TimeSpan.FromSeconds(6), 1_790_000_000, 77, false));
        read.Segments.Select(s => s.Uri).ShouldBe(["v/1.m4s?token=a", "v/2.m4s?token=a", "v/3.m4s?token=a"]);
        read.Segments.Select(s => s.Duration.TotalSeconds).ShouldBe([5.972, 6, 1.234568]);
        read.Segments.Select(s => s.IsDiscontinuity).ShouldBe([false, true, false]);
        read.Segments.Select(s => s.Map!.Uri).ShouldBe(["v/0.mp4?token=a", "v/0.mp4?token=a", "v/1.mp4?token=a"]);
        read.Segments[0].ProgramTime.ShouldBe(Noon);
    }

    [Fact]
    public void The_text_is_what_players_know() => Encoding.UTF8.GetString(HlsLiveWriter.Write(new HlsLivePlaylist(
        2, 10, 0, [new HlsLiveSegment("ts/10.ts", TimeSpan.FromSeconds(2), true, Noon, null)], IsEnded: true, CanBlockReload: true))).ShouldBe(
        """
        #EXTM3U
        #EXT-X-VERSION:3
        #EXT-X-TARGETDURATION:2
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES
        #EXT-X-MEDIA-SEQUENCE:10
        #EXT-X-DISCONTINUITY-SEQUENCE:0
        #EXT-X-DISCONTINUITY
        #EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.250Z
        #EXTINF:2.000,
        ts/10.ts
        #EXT-X-ENDLIST

        """.ReplaceLineEndings("\n"));

    [Fact]
    public void A_menu_of_sound_is_read()
    {
        var written = HlsLiveWriter.WriteMultivariant(
            new HlsLiveRendition("v/index.m3u8", 2_000_000, 1_500_000, "avc1.64001f", (1280, 720), null, null),
            [new HlsLiveRendition("a/index.m3u8", 130_000, 128_000, "mp4a.40.2", null, "de", "Deu\"tsch\n")]);

        var read = HlsPlaylistReader.TryRead(written, out var problem).ShouldBeOfType<HlsMultivariantPlaylist>(problem?.ToString());
        var variant = read.Variants.ShouldHaveSingleItem();
        (variant.Uri, variant.PeakBitsPerSecond, string.Join(",", variant.Codecs)).ShouldBe(("v/index.m3u8", 2_130_000, "avc1.64001f,mp4a.40.2"));
        Encoding.UTF8.GetString(written).ShouldContain("NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a/index.m3u8\"");
    }

    [Fact]
    public void Codecs_that_are_not_all_known_are_not_named() => Encoding.UTF8.GetString(HlsLiveWriter.WriteMultivariant(
        new HlsLiveRendition("v", 1, 1, "avc1.64001f", null, null, null), [new HlsLiveRendition("a", 1, 1, null, null, null, null)])).ShouldNotContain("CODECS");
}
