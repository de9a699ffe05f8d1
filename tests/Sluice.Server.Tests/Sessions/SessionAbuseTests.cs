using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Media.Binary;
using Sluice.Media.Tests.Building;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>What people paste that no session may come of: each is refused with a reason, and nothing is left of it.</summary>
public sealed class SessionAbuseTests
{
    [Fact]
    public async Task What_is_no_address_of_the_public_internet_is_not_asked()
    {
        await using var canary = new Canary();
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = []);
        string[] urls =
        [
            "file:///etc/passwd", "concat:/etc/passwd|/etc/hosts", "--script=x", "-i /etc/passwd", "/etc/passwd", "ftp://example.com/a.mp4", "data:video/mp4;base64,AAAA",
            "subfile,,start,0,end,64,,:/etc/passwd", "crypto:/etc/passwd", "pipe:0", "unix:/run/x", "gopher://127.0.0.1/", "javascript:alert(1)", "", " ",
            $"http://127.0.0.1:{canary.Port}/", $"http://localhost:{canary.Port}/", $"http://[::1]:{canary.Port}/", $"http://[::ffff:127.0.0.1]:{canary.Port}/",
            $"http://2130706433:{canary.Port}/", "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/a.mp4", "http://0.0.0.0/", "http://127.0.0.1:22",
        ];

        foreach (var url in urls)
        {
            using var refused = await SessionServer.PostAsync(server, url);
            (await refused.ShouldBeProblemAsync(422, "address-refused")).Text("detail").ShouldBe("The address cannot be fetched.", url);
        }

        canary.Visits.ShouldBe(0);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Nobody_is_led_inside_by_a_redirect_or_round_in_circles()
    {
        await using var canary = new Canary();
        await using var origin = await RangeOrigin.StartAsync();
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = [$"127.0.0.1:{origin.Home.Port}"]);

        foreach (var target in (string[])[$"http://127.0.0.1:{canary.Port}/", "http://169.254.169.254/", "file:///etc/passwd", "concat:/etc/passwd"])
        {
            origin.Target = target;
            using var refused = await SessionServer.PostAsync(server, $"{origin.Home}moved");
            await refused.ShouldBeProblemAsync(422, "address-refused");
        }

        origin.Target = "/moved";
        using var circles = await SessionServer.PostAsync(server, $"{origin.Home}moved");
        (await circles.ShouldBeProblemAsync(502, "source-unusable")).Text("detail").ShouldContain("redirects without end");
        canary.Visits.ShouldBe(0);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task A_redirect_that_turns_inside_later_is_the_end_of_it()
    {
        await using var canary = new Canary();
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(20));
        await using var server = await SessionServer.StartAsync(options => options.Outbound.Allow = [$"127.0.0.1:{origin.Home.Port}"]);
        var session = await SessionServer.BeginAsync(server, $"{origin.Home}moved");
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync())[0];

        origin.Target = $"http://127.0.0.1:{canary.Port}/";
        origin.Statuses.Enqueue(403); // Now the first address is asked again.

        using var refused = await player.GetAsync($"{version}/{track}/100.m4s");
        await refused.ShouldBeProblemAsync(502, "source-unusable");
        canary.Visits.ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_played_where_it_lies_is_told_why()
    {
        await using var origin = await RangeOrigin.StartAsync();
        await using var server = await SessionServer.StartAsync(clock: new FakeClock());
        var movie = await File.ReadAllBytesAsync(Path.Combine(RepositoryRoot.Corpus("mp4"), "media__bbb_800x640_768kbps_30fps_avc_non_reference_3b.mp4"));

        await Refused(origin => origin.HasRanges = false, movie, 422, "source-unsupported", "gives no parts of the file");
        await Refused(origin => origin.Packing = "gzip", movie, 502, "source-unusable", "packed (gzip)");
        await Refused(origin => origin.Type = "text/html", Encoding.UTF8.GetBytes("<!doctype html><title>a page</title>"), 422, "source-unsupported", "web page");
        await Refused(_ => { }, Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>"), 422, "source-unsupported", "DASH");
        await Refused(_ => { }, [0x1A, 0x45, 0xDF, 0xA3, .. new byte[4000]], 422, "source-unsupported", "Matroska");
        await Refused(_ => { }, Encoding.UTF8.GetBytes("root:x:0:0:root"), 422, "source-unsupported", "no video or audio");
        await Refused(_ => { }, [], 502, "source-unusable", "status 416");
        await Refused(_ => { }, await File.ReadAllBytesAsync(Path.Combine(RepositoryRoot.Corpus("mp4"), "media__bbb_176x144_192kbps_15fps_mpeg4.mp4")), 422, "source-unsupported", "does not play as it is");
        await Refused(origin => origin.Statuses.Enqueue(404), movie, 502, "source-unusable", "status 404");
        await Refused(origin => origin.CutsNextAfter = 65536, movie, 502, "source-unusable", "broke off");
        await SessionServer.ShouldHaveNothingAsync(server);

        async Task Refused(Action<RangeOrigin> shape, byte[] content, int status, string code, string words)
        {
            (origin.HasRanges, origin.Packing, origin.Type, origin.Content) = (true, null, "video/mp4", new MemoryByteSource(content));
            shape(origin);
            using var refused = await SessionServer.PostAsync(server, origin.Url);
            (await refused.ShouldBeProblemAsync(status, code)).Text("detail").ShouldContain(words);
        }
    }

    [Fact]
    public async Task A_body_without_end_and_tables_all_over_the_file_are_not_read()
    {
        var sent = 0L;
        await using var endless = await ApiStub.StartAsync(async context =>
        {
            var isMovie = context.Request.Path == "/movie";
            context.Response.StatusCode = isMovie ? 206 : 200;
            context.Response.Headers.ContentRange = isMovie ? "bytes 0-262143/9000000000" : default;
            var piece = new byte[65536];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                Interlocked.Add(ref sent, piece.Length);
            }
        });
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = new Scattered(20L << 30);
        await using var server = await SessionServer.StartAsync(clock: new FakeClock()); // Who begins a session waits for what becomes of it.

        using (var body = await SessionServer.PostAsync(server, $"{endless.Url}body"))
        {
            await body.ShouldBeProblemAsync(422, "source-unsupported");
        }

        using (var movie = await SessionServer.PostAsync(server, $"{endless.Url}movie"))
        {
            await movie.ShouldBeProblemAsync(422, "source-unsupported");
        }

        using var scattered = await SessionServer.PostAsync(server, origin.Url);

        await scattered.ShouldBeProblemAsync(422, "source-unsupported");
        origin.SentBytes.ShouldBeLessThan(80L << 20);
        await Eventually.Holds(() => Interlocked.Exchange(ref sent, 0) == 0);
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    [Fact]
    public async Task Nobody_makes_room_for_a_segment_that_is_only_claimed()
    {
        await using var origin = await RangeOrigin.StartAsync();
        origin.Content = LongTitle.Of(TimeSpan.FromMinutes(40), keySeconds: 2400);
        await using var server = await SessionServer.StartAsync(clock: new FakeClock());

        using var refused = await SessionServer.PostAsync(server, origin.Url);

        (await refused.ShouldBeProblemAsync(422, "source-unsupported")).Text("detail").ShouldContain("a segment of it would have 281 MiB, more than 256");
        await SessionServer.ShouldHaveNothingAsync(server);
    }

    /// <summary>Boxes of a megabyte each, of which every header must be read to find the next.</summary>
    private sealed class Scattered(long length) : IByteSource
    {
        private const int BoxBytes = 1 << 20;
        private static readonly byte[] Header = [0, 0x10, 0, 0, .. "free"u8];

        public long Length => length;

        public int Read(long offset, Span<byte> destination)
        {
            destination.Clear();
            for (var box = offset / BoxBytes * BoxBytes; box < offset + destination.Length; box += BoxBytes)
            {
                for (var i = 0; i < Header.Length; i++)
                {
                    if (box + i - offset is >= 0 and var at && at < destination.Length)
                    {
                        destination[(int)at] = Header[i];
                    }
                }
            }

            return destination.Length;
        }
    }
}
