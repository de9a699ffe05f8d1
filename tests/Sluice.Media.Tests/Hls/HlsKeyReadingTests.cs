using Shouldly;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>Keys and maps of media playlists: RFC 8216 sections 4.3.2.4 and 4.3.2.5.</summary>
public sealed class HlsKeyReadingTests
{
    private const string Head = "#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:258\n";

    [Fact]
    public void A_key_holds_until_the_next_and_NONE_ends_it()
    {
        var playlist = Reading.Media(Head
            + "#EXTINF:5,\nclear.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k1\"\n#EXTINF:5,\na.ts\n#EXTINF:5,\nb.ts\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\",IV=0X0000000000000000000000000000010F\n#EXTINF:5,\nc.ts\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:5,\nd.ts\n");

        playlist.Segments.Select(s => s.Key?.Uri).ShouldBe([null, "k1", "k1", "k2", null]);
        Iv(playlist.Segments[2]).ShouldBe("00000000000000000000000000000104", "the media sequence number, 260, big-endian");
        Iv(playlist.Segments[3]).ShouldBe("0000000000000000000000000000010f");
    }

    [Fact]
    public void Of_several_systems_the_plain_key_is_taken()
    {
        var playlist = Reading.Media(Head
            + "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\",KEYFORMAT=\"com.apple.streamingkeydelivery\"\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"k1\",KEYFORMAT=\"identity\"\n#EXTINF:5,\na.ts\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\n#EXTINF:5,\nb.ts\n");

        playlist.Segments.Select(s => (s.Key!.Uri, s.Key.Problem)).ShouldBe([("k1", null), ("k2", null)]);
    }

    [Theory]
    [InlineData("METHOD=SAMPLE-AES,URI=\"k\"", "it is encrypted with SAMPLE-AES, not with AES-128")]
    [InlineData("METHOD=AES-128,URI=\"skd://x\",KEYFORMAT=\"com.widevine\"", "its keys come from a DRM system (com.widevine)")]
    [InlineData("METHOD=AES-128", "it is encrypted, and where the key is is not said")]
    public void What_cannot_be_decrypted_is_told(string attributes, string problem) =>
        Reading.Media(Head + $"#EXT-X-KEY:{attributes}\n#EXTINF:5,\na.ts\n").Segments[0].Key!.Problem.ShouldBe(problem);

    [Theory]
    [InlineData("#EXT-X-KEY:URI=\"k\"", "line 4: a key without METHOD")]
    [InlineData("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=12", "line 4: a key whose IV is not a number of 128 bits")]
    [InlineData("#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x100000000000000000000000000000000", "line 4: a key whose IV is not a number of 128 bits")]
    [InlineData("#EXT-X-MAP:BYTERANGE=\"1@2\"", "line 4: EXT-X-MAP without a URI")]
    public void A_key_or_map_that_is_none_is_refused_with_its_line(string tag, string reason) =>
        Reading.Refusal(Head + tag + "\n#EXTINF:5,\na.ts\n").ShouldBe(reason);

    [Fact]
    public void Maps_are_the_same_when_place_range_and_key_are()
    {
        var playlist = Reading.Media(Head
            + "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"720@10\"\n#EXTINF:5,\na\n#EXT-X-MAP:URI=\"i\",BYTERANGE=\"720@10\"\n#EXTINF:5,\nb\n"
            + "#EXT-X-MAP:URI=\"i\",BYTERANGE=\"720\"\n#EXTINF:5,\nc\n"
            + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-MAP:URI=\"i\",BYTERANGE=\"720\"\n#EXTINF:5,\nd\n");

        var maps = playlist.Segments.Select(s => s.Map!).ToList();
        maps[0].Range.ShouldBe(new HlsByteRange(10, 720));
        maps[1].ShouldBe(maps[0]);
        maps[2].ShouldNotBe(maps[1], "another range");
        maps[3].ShouldNotBe(maps[2], "another key");
    }

    private static string Iv(HlsSegment segment)
    {
        var iv = new byte[HlsKey.Bytes];
        segment.Key!.WriteIv(segment.Sequence, iv);
        return Convert.ToHexStringLower(iv);
    }
}
