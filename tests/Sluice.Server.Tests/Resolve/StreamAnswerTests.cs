using Shouldly;
using Sluice.Server.Resolve;
using Xunit;

namespace Sluice.Server.Tests.Resolve;

/// <summary>What programs print about streams, read.</summary>
public sealed class StreamAnswerTests
{
    [Theory]
    [InlineData("https://a.example/all.m3u8?k=1\n", "https://a.example/all.m3u8?k=1")]
    [InlineData("WARNING: something\nhttps://a.example/all.m3u8\nhttps://a.example/other.m3u8\n", "https://a.example/all.m3u8")]
    [InlineData("""{"streams":{"360p":{"type":"hls","url":"https://a.example/360.m3u8"},"best":{"type":"hls","url":"https://a.example/720.m3u8"}}}""", "https://a.example/720.m3u8")]
    [InlineData("""{"streams":{"best":{"type":"hls","url":"https://a.example/720.m3u8","master":"https://a.example/all.m3u8"}}}""", "https://a.example/all.m3u8")]
    public void The_playlist_is_taken(string output, string url) => StreamAnswer.Read(output).ShouldNotBeNull().Url.Secret.ShouldBe(url);

    [Theory]
    [InlineData("")]
    [InlineData("NA\n")]
    [InlineData("file:///etc/passwd\n")]
    [InlineData("""{"error":"No playable streams found on this URL"}""")]
    [InlineData("""{"streams":{}}""")]
    [InlineData("""{"streams":{"best":{"type":"http","url":"https://a.example/film.mp4"}}}""")]
    [InlineData("""{"streams":{"best":{"type":"hls","url":7}}}""")]
    [InlineData("""{"streams":[1]}""")]
    [InlineData("""{"streams":{"best":{"type":"hls","url":"rtmp://a.example/live"}}}""")]
    [InlineData("{broken")]
    public void Anything_else_is_nothing(string output) => StreamAnswer.Read(output).ShouldBeNull();

    [Fact]
    public void Depth_is_bounded() => StreamAnswer.Read(string.Concat(Enumerable.Repeat("""{"streams":""", 5000)) + "1").ShouldBeNull();

    [Theory]
    [InlineData("http://a.example/x.m3u8\n{\"User-Agent\":\"x\",\"Referer\":\"http://page.example/\",\"Host\":\"evil\"}\n")]
    [InlineData("""{"streams":{"best":{"type":"hls","url":"http://a.example/x.m3u8","headers":{"Range":"bytes=0-","Referer":"http://page.example/"}}}}""")]
    public void Headers_that_a_page_sends_are_taken_and_no_others(string output) =>
        StreamAnswer.Read(output)!.Headers.ShouldBe([KeyValuePair.Create("Referer", "http://page.example/")]);

    [Fact]
    public void A_header_that_would_be_two_is_none() =>
        StreamAnswer.Read("http://a.example/x.m3u8\n{\"Referer\":\"a\\r\\nX: y\",\"Origin\":7}").ShouldNotBeNull().Headers.ShouldBeEmpty();

    [Fact]
    public void A_refusal_is_read()
    {
        StreamAnswer.ErrorOf("""{"error":"No playable streams"}""").ShouldBe("No playable streams");
        StreamAnswer.ErrorOf("no json").ShouldBeNull();
    }
}
