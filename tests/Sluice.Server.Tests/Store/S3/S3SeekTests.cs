using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>What it costs to play from a bucket: requests, time to the first byte, and memory. Times and the memory of the process are nobody else's, so alone in it.</summary>
[Collection(nameof(Alone))]
public sealed class S3SeekTests(Swift swift, ITestOutputHelper output) : IClassFixture<Swift>
{
    [Fact]
    public async Task A_seek_costs_one_request_and_a_tenth_of_a_second_when_it_is_cold_and_nothing_when_it_is_warm()
    {
        await using var slow = await FaultyS3.StartAsync(swift.Url);
        await using var server = await SluiceServer.StartAsync(options: o => S3Title.Use(o, swift.Options(slow.Url)), realPackager: true);
        var segments = await SegmentsOfAsync(server, TimeSpan.FromMinutes(6));
        (await server.Http.GetByteArrayAsync(segments[1])).ShouldNotBeEmpty();

        slow.Delay = TimeSpan.FromMilliseconds(30);
        var times = new List<TimeSpan>();
        foreach (var segment in segments.Skip(2).Where((_, n) => n % 2 == 0))
        {
            slow.Asked.Clear();
            var (body, firstByte) = await FetchAsync(server.Http, segment);
            var asked = slow.Asked.Count;
            slow.Asked.Distinct().ShouldHaveSingleItem(); // The same one again is what a stuck connection to the server behind costs.
            times.Add(firstByte - slow.BehindTime); // What the server behind takes is slow by itself.

            (await FetchAsync(server.Http, segment)).Body.ShouldBe(body);
            slow.Asked.Count.ShouldBe(asked, "it is warm");
        }

        times.Sort();
        output.WriteLine($"first byte of {times.Count} cold seeks: median {times[times.Count / 2].TotalMilliseconds:0} ms, maximum {times[^1].TotalMilliseconds:0} ms");
        times.Count.ShouldBeGreaterThan(20);
        times[times.Count / 2].ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task The_first_seek_after_a_restart_asks_for_the_list_the_indexes_together_and_the_media()
    {
        await using var faulty = await FaultyS3.StartAsync(swift.Url);
        var s3 = swift.Options(faulty.Url);
        var data = Directory.CreateTempSubdirectory("sluice-test-");
        string segment;
        byte[] due;
        await using (var before = await SluiceServer.StartAsync(options: o => S3Title.Use(o, s3), realPackager: true, data: data.FullName))
        {
            var title = await TitleOfAsync(before, TimeSpan.FromMinutes(1));
            segment = (await title.SegmentsAsync("v0"))[5].PathAndQuery;
            due = await before.Http.GetByteArrayAsync(segment);
            var catalog = before.App.Services.GetRequiredService<IWorkCatalog>();
            (await Eventually.Holds(async () =>
                (await catalog.ListJobsAsync(AssetId.Parse(title.Id, CultureInfo.InvariantCulture), null, 100, default)).All(job => job.FinishedAt is not null)))
                .ShouldBeTrue("no job is left that would ask for something, too");
        }

        await using (var after = await SluiceServer.StartAsync(options: o => S3Title.Use(o, s3), realPackager: true, data: data.FullName))
        {
            faulty.Asked.Clear();
            var together = new ConcurrentDictionary<string, bool>();
            faulty.Holds = async asked =>
            {
                // One after the other they would cost twice the time.
                if (asked.EndsWith(".idx", StringComparison.Ordinal))
                {
                    together[asked] = true;
                    (await Eventually.Holds(() => together.Count == 2)).ShouldBeTrue("the indexes are asked for together");
                }
            };

            (await after.Http.GetByteArrayAsync(segment)).ShouldBe(due);

            // The same one again is what a stuck connection to the server behind costs.
            faulty.Asked.Distinct().Select(KindOf).Order(StringComparer.Ordinal).ToList().ShouldBe(["GET a0.idx", "GET source", "GET v0.idx", "LIST"], string.Join('\n', faulty.Asked));
        }

        data.Delete(recursive: true);

        static string KindOf(string asked) => asked.Split(' ') is [var method, var path, ..] && path.Contains("/media/", StringComparison.Ordinal)
            ? $"{method} {path[(path.LastIndexOf('/') + 1)..]}"
            : "LIST";
    }

    [Fact]
    public async Task Two_hundred_who_take_nothing_need_little_memory()
    {
        var s3 = swift.Options();
        s3.CacheBytes = 8 << 20;
        await using var server = await SluiceServer.StartAsync(options: o => S3Title.Use(o, s3), realPackager: true);
        var segments = await SegmentsOfAsync(server, TimeSpan.FromMinutes(3), keySeconds: 20); // Of 2.5 MB, of which a socket takes some.
        var due = await server.Http.GetByteArrayAsync(segments[2]);
        due.Length.ShouldBeGreaterThan(2 << 20);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var slow = new List<Socket>();
        for (var i = 0; i < 200; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
            await socket.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
            var path = segments[1 + (i % (segments.Count - 1))].PathAndQuery;
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            slow.Add(socket);
        }

        var first = new byte[64];
        foreach (var socket in slow)
        {
            await socket.ReceiveAsync(first);
            Encoding.ASCII.GetString(first).ShouldStartWith("HTTP/1.1 200");
        }

        // 200 segments would be 500 MB.
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{grown >> 20} MB more with {slow.Count} slow readers");
        grown.ShouldBeLessThan(100L << 20);
        (await server.Http.GetByteArrayAsync(segments[2])).ShouldBe(due, "others are served meanwhile");
        slow.ForEach(socket => socket.Dispose());
    }

    private static async Task<IReadOnlyList<Uri>> SegmentsOfAsync(SluiceServer server, TimeSpan length, int keySeconds = 2) =>
        await (await TitleOfAsync(server, length, keySeconds)).SegmentsAsync("v0");

    private static async Task<S3Title> TitleOfAsync(SluiceServer server, TimeSpan length, int keySeconds = 2)
    {
        var film = Path.Combine(server.Data, "film.mp4");
        await S3Title.SaveAsync(LongTitle.Of(length, keySeconds: keySeconds), film);
        return await S3Title.PublishAsync(server, film);
    }

    private static async Task<(byte[] Body, TimeSpan FirstByte)> FetchAsync(HttpClient http, Uri url)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var all = new MemoryStream();
        var one = new byte[1];
        (await body.ReadAsync(one)).ShouldBe(1);
        var firstByte = Stopwatch.GetElapsedTime(began);
        all.Write(one);
        await body.CopyToAsync(all);
        all.Length.ShouldBe(answer.Content.Headers.ContentLength!.Value);
        return (all.ToArray(), firstByte);
    }
}
