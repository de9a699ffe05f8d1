using Shouldly;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>Multivariant playlists: RFC 8216 section 4.3.4.</summary>
public sealed class HlsMultivariantReadingTests
{
    [Fact]
    public void Attributes_of_a_variant_are_understood_with_commas_in_quotes_and_spaces_between()
    {
        var playlist = Reading.Multivariant(
            "#EXT-X-INDEPENDENT-SEGMENTS\n"
            + "#EXT-X-STREAM-INF:PROGRAM-ID=1, BANDWIDTH=2177116 ,AVERAGE-BANDWIDTH=2168183,CODECS=\"avc1.640020, mp4a.40.2\",NOVALUE,"
            + "RESOLUTION=960x540,FRAME-RATE=59.940,VIDEO-RANGE=PQ,AUDIO=\"aud,1\",STABLE-VARIANT-ID=\"v\",PATHWAY-ID=\"CDN-A\",X=\"no end\nv5/index.m3u8\n");

        playlist.IndependentSegments.ShouldBeTrue();
        var variant = playlist.Variants.ShouldHaveSingleItem();
        (variant.Uri, variant.PeakBitsPerSecond, variant.AverageBitsPerSecond).ShouldBe(("v5/index.m3u8", 2177116, 2168183));
        (variant.Width, variant.Height, variant.FrameRate, variant.VideoRange).ShouldBe((960, 540, 59.94m, "PQ"));
        (variant.AudioGroup, variant.StableId, variant.Pathway).ShouldBe(("aud,1", "v", "CDN-A"));
        variant.Codecs.ShouldBe(["avc1.640020", "mp4a.40.2"]);
    }

    [Fact]
    public void Renditions_are_understood_and_pictures_alone_are_counted()
    {
        var playlist = Reading.Multivariant(
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"Français\",LANGUAGE=\"fr\",DEFAULT=YES,URI=\"fr.m3u8\"\n"
            + "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"v\",NAME=\"Main\",AUTOSELECT=YES\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"S\",URI=\"s\"\n"
            + "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n");

        playlist.Renditions.ShouldBe(
        [
            new HlsRendition { IsAudio = true, Group = "a", Name = "Français", Language = "fr", IsDefault = true, AutoSelect = true, Uri = "fr.m3u8" },
            new HlsRendition { IsAudio = false, Group = "v", Name = "Main", AutoSelect = true },
        ]);
        (playlist.IFrameVariants, playlist.Variants.Count).ShouldBe((1, 1));
    }

    [Fact]
    public void A_variant_without_a_uri_is_left_out()
    {
        var playlist = Reading.Multivariant("#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb\nc\n#EXT-X-STREAM-INF:X=3\n");

        playlist.Variants.ShouldHaveSingleItem().PeakBitsPerSecond.ShouldBe(2);
        playlist.Remarks.Select(r => r.ToString()).ShouldBe(
        [
            "line 3: the variant before this has no URI", "line 5: a URI without EXT-X-STREAM-INF", "line 6: a variant without BANDWIDTH",
            "line 6: a variant without a URI",
        ]);
    }

    [Fact]
    public void Keys_of_the_whole_session_tell_early_that_nothing_can_be_played()
    {
        const string drm = "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n";
        const string rest = "#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n";

        Reading.Multivariant(drm + rest).SessionKeyProblem.ShouldNotBeNull().ShouldContain("DRM");
        Reading.Multivariant(drm + "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\"\n" + drm + rest).SessionKeyProblem.ShouldBeNull();
    }

    [Fact]
    public void Variables_are_there_to_be_imported()
    {
        var playlist = Reading.Multivariant("#EXT-X-DEFINE:NAME=\"auth\",VALUE=\"?t=/a:b\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv{$auth}\n");

        playlist.Variants[0].Uri.ShouldBe("v?t=/a:b");
        playlist.Variables["auth"].ShouldBe("?t=/a:b");
    }
}
