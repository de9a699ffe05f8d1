using System.Net;
using Shouldly;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>What HTTP promises of a segment: HEAD, ranges, conditions, caching (correctness.md A.16, A.17).</summary>
public sealed class SegmentHttpTests(Clip clip) : IClassFixture<Clip>, IAsyncLifetime
{
    private Published _title = null!;
    private Uri _segment = null!;
    private byte[] _whole = null!;

    public async ValueTask InitializeAsync()
    {
        _title = await Published.PublishAsync(clip.Path);
        _segment = (await _title.ListAsync(await _title.TrackAsync("v0")))[1];
        _whole = await _title.Server.Http.GetByteArrayAsync(_segment);
    }

    public ValueTask DisposeAsync() => _title.DisposeAsync();

    [Fact]
    public async Task Head_is_get_without_the_body()
    {
        using var get = await SendAsync(HttpMethod.Get);
        using var head = await SendAsync(HttpMethod.Head);

        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldBe(_whole.Length);
        (await head.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        foreach (var name in (string[])["ETag", "Accept-Ranges", "Cache-Control", "Access-Control-Allow-Origin"])
        {
            head.Headers.GetValues(name).ShouldBe(get.Headers.GetValues(name));
        }

        head.Headers.ETag!.IsWeak.ShouldBeFalse();
        head.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromDays(365));
    }

    [Theory]
    [InlineData("bytes=0-1", 0, 2)]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=100-", 100, -1)]
    [InlineData("bytes=-7", -7, 7)]
    [InlineData("bytes=5-99999999", 5, -1)]
    [InlineData("bytes=-99999999", 0, -1)]
    public async Task Ranges_are_parts_of_the_whole(string range, int start, int length)
    {
        var from = start < 0 ? _whole.Length + start : start;
        var count = length < 0 ? _whole.Length - from : length;
        using var answer = await SendAsync(HttpMethod.Get, ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes {from}-{from + count - 1}/{_whole.Length}");
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(_whole[from..(from + count)]);
    }

    [Fact]
    public async Task Every_cut_of_a_segment_is_the_same_bytes()
    {
        // Across the ready-made head, extent borders and the copy buffer's size.
        for (var at = 0; at < _whole.Length; at += 4093)
        {
            var end = Math.Min(_whole.Length, at + 4093) - 1;
            using var answer = await SendAsync(HttpMethod.Get, ("Range", $"bytes={at}-{end}"));
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(_whole[at..(end + 1)]);
        }
    }

    [Theory]
    [InlineData("bytes=99999999-")]
    [InlineData("bytes=-0")]
    public async Task Beyond_the_end_is_416_with_the_size(string range)
    {
        using var answer = await SendAsync(HttpMethod.Get, ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        answer.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes */{_whole.Length}");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=9-2")]
    [InlineData("lines=1-2")]
    [InlineData("nonsense")]
    public async Task What_is_no_single_range_gets_the_whole(string range)
    {
        using var answer = await SendAsync(HttpMethod.Get, ("Range", range));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsByteArrayAsync()).Length.ShouldBe(_whole.Length);
    }

    [Fact]
    public async Task Conditions_are_honoured()
    {
        using var first = await SendAsync(HttpMethod.Head);
        var etag = first.Headers.ETag!.ToString();

        using var same = await SendAsync(HttpMethod.Get, ("If-None-Match", $"\"other\", {etag}"));
        same.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var other = await SendAsync(HttpMethod.Get, ("If-None-Match", "\"other\""));
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var part = await SendAsync(HttpMethod.Get, ("If-Range", etag), ("Range", "bytes=0-3"));
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        using var changed = await SendAsync(HttpMethod.Get, ("If-Range", "\"other\""), ("Range", "bytes=0-3"));
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("0.m4s")]
    [InlineData("99.m4s")]
    [InlineData("-1.m4s")]
    [InlineData("01x.m4s")]
    [InlineData("999999999999.m4s")]
    [InlineData("1.ts")]
    public async Task What_is_not_listed_is_404_and_readable_from_other_origins(string file)
    {
        using var answer = await _title.Server.Http.GetAsync(new Uri(_segment, file + _segment.Query));

        await Support.Answers.ShouldBeProblemAsync(answer, 404, "segment-unknown");
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
    }

    [Fact]
    public async Task Another_version_is_404()
    {
        var other = new Uri(_segment.AbsoluteUri.Replace($"/{_segment.Segments[3]}", "/000000000000/", StringComparison.Ordinal));
        using var answer = await _title.Server.Http.GetAsync(other);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, _segment);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _title.Server.Http.SendAsync(request);
    }
}
