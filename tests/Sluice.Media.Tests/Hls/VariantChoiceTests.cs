using Shouldly;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Hls;

/// <summary>Which variant is taken.</summary>
public sealed class VariantChoiceTests
{
    private const string Ladder = """
        #EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"
        audio
        #EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.4d401e,mp4a.40.2"
        low
        #EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2"
        high
        #EXT-X-STREAM-INF:BANDWIDTH=2500000,RESOLUTION=1280x720,CODECS="avc1.64001f,mp4a.40.2"
        mid
        #EXT-X-STREAM-INF:BANDWIDTH=4000000,RESOLUTION=1920x1080,CODECS="hvc1.1.6.L120.90,mp4a.40.2"
        hevc
        #EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=3840x2160,CODECS="avc1.640033,mp4a.40.2",VIDEO-RANGE=PQ
        hdr
        """;

    public static TheoryData<string, VariantPolicy, bool> Policies => new()
    {
        { "high", new VariantPolicy(), true },
        { "mid", new VariantPolicy { MostLines = 720 }, true },
        { "low", new VariantPolicy { MostBitsPerSecond = 2_000_000 }, true },
        { "hevc", new VariantPolicy { PrefersHevc = true }, true },
        { "low", new VariantPolicy { MostLines = 100 }, false },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_best_within_the_limits_is_taken(string uri, VariantPolicy policy, bool isWithin)
    {
        var choice = VariantChoice.Of(Reading.Multivariant(Ladder), policy).ShouldNotBeNull();

        (choice.Variant.Uri, choice.IsWithinLimits).ShouldBe((uri, isWithin));
    }

    [Fact]
    public void Audio_alone_is_taken_when_there_is_nothing_else() =>
        VariantChoice.Of(Reading.Multivariant("#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS=\"mp4a.40.2\"\na\n"), new())
            .ShouldNotBeNull().Variant.Uri.ShouldBe("a");

    [Fact]
    public void Pictures_alone_are_never_taken() =>
        VariantChoice.Of(Reading.Multivariant("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=64000,URI=\"i\"\n"), new()).ShouldBeNull();

    [Fact]
    public void The_same_variant_elsewhere_is_a_backup()
    {
        var playlist = Reading.Multivariant("""
            #EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360
            a/low
            #EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=1280x720
            a/high
            #EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=640x360
            b/low
            #EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=1280x720
            b/high
            #EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=1280x720
            c/high
            """);

        var choice = VariantChoice.Of(playlist, new()).ShouldNotBeNull();

        choice.Variant.Uri.ShouldBe("a/high");
        choice.Backups.Select(v => v.Uri).ShouldBe(["b/high", "c/high"]);
    }

    [Theory]
    [InlineData("", "en.m3u8")]
    [InlineData("de", "de.m3u8")]
    [InlineData("sv de", "de.m3u8")]
    [InlineData("en-GB pt", "pt.m3u8")]
    [InlineData("e", "en.m3u8")]
    public void Audio_that_is_apart_is_taken_by_language_else_by_default(string languages, string uri)
    {
        var playlist = Reading.Multivariant("""
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="P",LANGUAGE="pt-BR",URI="pt.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="D",LANGUAGE="de",AUTOSELECT=YES,URI="de.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="E",LANGUAGE="en",DEFAULT=YES,URI="en.m3u8"
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="b",NAME="E",LANGUAGE="sv",DEFAULT=YES,URI="other.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"
            v
            """);

        VariantChoice.Of(playlist, new VariantPolicy { Languages = languages.Split(' ', StringSplitOptions.RemoveEmptyEntries) })!
            .Audio.ShouldNotBeNull().Uri.ShouldBe(uri);
    }

    [Fact]
    public void Audio_that_is_in_the_variant_is_not_fetched_again() => VariantChoice.Of(
        Reading.Multivariant("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"E\",DEFAULT=YES\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\"\nv\n"),
        new())!.Audio.ShouldBeNull();

    [Fact]
    public void The_same_is_found_again_under_new_addresses()
    {
        var policy = new VariantPolicy { MostLines = 720 };
        var choice = VariantChoice.Of(Reading.Multivariant(Ladder), policy)!;

        choice.Again(Reading.Multivariant(Ladder.Replace("mid", "mid?token=2", StringComparison.Ordinal)), policy)!.Variant.Uri.ShouldBe("mid?token=2");
        choice.Again(Reading.Multivariant("#EXT-X-STREAM-INF:BANDWIDTH=3\nother\n"), policy).ShouldBeNull();
    }
}
