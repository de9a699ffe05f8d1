using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>The endless body, over HTTP.</summary>
public sealed class EndlessTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Fact]
    public async Task A_film_comes_whole_and_valid_and_ends_as_a_body_does()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");

        using var response = await server.Http.GetAsync("/live/film", HttpCompletionOption.ResponseHeadersRead);
        (response.StatusCode, response.Content.Headers.ContentType!.ToString()).ShouldBe((HttpStatusCode.OK, "video/mp2t"));
        response.Headers.CacheControl!.ToString().ShouldBe("no-cache");
        response.Headers.TransferEncodingChunked.ShouldBe(true);
        var body = await response.Content.ReadAsByteArrayAsync();

        var check = TsCheck.Of(body);
        check.Problems.ShouldBeEmpty(string.Join('\n', check.Problems));
        check.LongestTableGap.ShouldBeLessThan(0.5);
        var file = segments.Write("film.ts", body);
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        server.Channel("film").Status().Counters[ChannelCounter.BytesOut].ShouldBe(body.Length);
        server.Channel("film").Status().Viewers.Total.ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_watched_says_why_before_a_body_begins()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        var film = server.Set("gone", "live/none.m3u8");
        server.Set(film, film with { Name = "off", IsEnabled = false });

        (await AskAsync("/live/nobody")).ShouldBe((404, "channel-unknown", null));
        (await AskAsync("/live/off")).ShouldBe((503, "channel-off", "5"));
        (await AskAsync("/live/gone")).ShouldBe((502, "upstream-unusable", "5"));
        (await AskAsync("/live/gone/index.m3u8")).ShouldBe((502, "upstream-unusable", "5"));

        async Task<(int, string?, string?)> AskAsync(string path)
        {
            using var response = await server.Http.GetAsync(path);
            response.Content.Headers.ContentType!.ToString().ShouldBe("application/problem+json");
            response.Headers.CacheControl!.NoStore.ShouldBeTrue();
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            return ((int)response.StatusCode, problem.GetProperty("code").GetString(), response.Headers.RetryAfter?.ToString());
        }
    }

    [Fact]
    public async Task Who_hangs_up_is_no_fault_worth_a_word()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("film", "live/film.m3u8");
        using (var response = await server.Http.GetAsync("/live/film", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[188]);
        }

        (await Eventually.Holds(() => server.Channel("film").Status().Viewers.Total == 0)).ShouldBeTrue();
        (await server.Http.GetAsync("/health")).EnsureSuccessStatusCode();
        server.Server.Logs.Lines.Where(line => line.Contains(" Error ")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_bytes_come_while_the_first_segment_does()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("slow", "live/film.m3u8");
        var rest = new TaskCompletionSource();
        server.Upstream.Faults["live/0.ts"] = async context =>
        {
            context.Response.ContentLength = segments.All[0].Length;
            await context.Response.Body.WriteAsync(segments.All[0].AsMemory(0, 4000));
            await context.Response.Body.FlushAsync();
            await rest.Task;
            await context.Response.Body.WriteAsync(segments.All[0].AsMemory(4000));
            return true;
        };

        using var response = await server.Http.GetAsync("/live/slow", HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Patience);
        await using var body = await response.Content.ReadAsStreamAsync();
        var first = new byte[188 * 4];
        await body.ReadExactlyAsync(first).AsTask().WaitAsync(Eventually.Patience);

        rest.SetResult();
        TsCheck.Of(first).Problems.ShouldBeEmpty();
        (await body.ReadAsync(first)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Joiners_at_any_moment_see_their_first_picture()
    {
        await using var server = await ChannelServer.StartAsync(segments);
        server.Set("live", "live/index.m3u8");
        var load = 0;
        server.Upstream.Faults["live/index.m3u8"] = async context =>
        {
            await context.Response.Body.WriteAsync(ChannelServer.List(Math.Min(9, load++), 3));
            return true;
        };

        var bodies = await Task.WhenAll(Enumerable.Range(0, 12).Select(async n =>
        {
            await Task.Delay(n * 130);
            using var response = await server.Http.GetAsync("/live/live", HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.Content.ReadAsStreamAsync();
            var first = new byte[188 * 60];
            await body.ReadExactlyAsync(first);
            return first;
        })).WaitAsync(Eventually.Patience);

        foreach (var (n, first) in bodies.Index())
        {
            // The last picture that was read is cut off here; a decoder would say so.
            var last = Enumerable.Range(0, first.Length / 188).Last(p => first[(p * 188) + 1] == 0x41 && first[(p * 188) + 2] == 0);
            TsCheck.Of(first).Problems.ShouldBeEmpty();
            Ffmpeg.Run("-v error -i", segments.Write($"join{n}.ts", first[..(last * 188)]), "-map", "0:v", "-frames:v", "1", "-f", "null", "-");
        }

        server.Upstream.Asked.Count(path => path == "live/3.ts").ShouldBeLessThanOrEqualTo(1, "one upstream for all");
    }
}
