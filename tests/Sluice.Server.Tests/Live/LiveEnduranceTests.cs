using System.Runtime.CompilerServices;
using Shouldly;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>
/// Sixty seconds of a channel over HTTP, whose viewers come and go at random: `./dev bench live-endurance` with a short breath, for every build. The sixty
/// seconds are those of the channel and of the server's clock, which runs twelve times faster, so that nobody waits a minute for them; nothing else is
/// faked. What grows shows in what the log holds and keeps alive: the process has other tests in it, whose memory is not ours.
/// </summary>
public sealed class LiveEnduranceTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private const double Speed = 12;
    private const int Seconds = 60;
    private const int Viewers = 24;
    private const int Listed = 6;
    private const int Budget = 2 << 20;

    /// <summary>Longest that one stays, in seconds of the channel.</summary>
    private const int LongestVisit = 15;

    [Fact]
    public async Task A_minute_of_viewers_who_come_and_go_leaves_nothing_behind()
    {
        await using var server = await ChannelServer.StartAsync(segments, Speed);
        var clock = server.Clock;
        Broadcast(server.Upstream, clock);
        var channel = server.Set("live", "live/index.m3u8");
        server.Set(channel with { BufferBytes = Budget, Timeout = TimeSpan.FromMinutes(2) });
        using var visit = await server.Channel("live").VisitAsync(VisitKind.Recording, default).WaitAsync(Eventually.Patience);
        var log = visit.Feed.Ts;
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(Seconds), clock);

        var crowd = Task.WhenAll(Enumerable.Range(0, Viewers).Select(n => ComeAndGoAsync(server.Http, clock, new Random(n), end.Token)));
        var blocks = new List<WeakReference>();
        while (!crowd.IsCompleted)
        {
            visit.Feed.Memory.HeldBytes.ShouldBeLessThanOrEqualTo(Budget + LogBlock.Room);
            Sample(log, blocks);
            await Task.WhenAny(crowd, Task.Delay(50));
        }

        var visits = (await crowd).SelectMany(v => v).ToList();
        visits.SelectMany(v => v.Problems).ShouldBeEmpty();
        visits.Count(v => v.Units > 0).ShouldBeGreaterThan(Viewers);
        log.Tail.ShouldBeGreaterThan(0, "the oldest went");
        log.Index.Segments[0].Number.ShouldBeGreaterThan(0, "what is known of it too");
        (await Eventually.Holds(() => server.Channel("live").Status().Viewers.Endless == 0)).ShouldBeTrue();
        (await Eventually.Holds(() =>
        {
            GC.Collect();
            return blocks.Count(b => b.IsAlive) <= (Budget / LogBlock.Room) + 1;
        })).ShouldBeTrue("nothing but the log has its blocks");
        blocks.Count.ShouldBeGreaterThan(Budget / LogBlock.Room);
    }

    /// <summary>The twelve seconds over and over, by the clock; nothing says that they begin again.</summary>
    private void Broadcast(Upstream upstream, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        upstream.Faults["live/index.m3u8"] = async context =>
        {
            var now = (int)clock.GetElapsedTime(began).TotalSeconds;
            for (var n = now; n < now + Listed; n++)
            {
                upstream.Files[$"live/{n}.ts"] = segments.All[n % segments.All.Count];
            }

            await context.Response.Body.WriteAsync(ChannelServer.List(now, Listed));
            return true;
        };
    }

    private static async Task<List<TsCheck>> ComeAndGoAsync(HttpClient http, TimeProvider clock, Random random, CancellationToken end)
    {
        var visits = new List<TsCheck>();
        while (!end.IsCancellationRequested)
        {
            using var leaves = new CancellationTokenSource(TimeSpan.FromSeconds(0.5 + (random.NextDouble() * LongestVisit)), clock);
            using var visit = CancellationTokenSource.CreateLinkedTokenSource(end, leaves.Token);
            var body = new MemoryStream();
            try
            {
                await using var stream = await http.GetStreamAsync("/live/live", visit.Token);
                await stream.CopyToAsync(body, visit.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpIOException)
            {
                visits.Add(TsCheck.Of(body.ToArray().AsSpan(0, (int)body.Length / 188 * 188))); // It went; or a busy machine made it too slow for so fast a channel.
            }
        }

        return visits;
    }

    /// <summary>Notes the log's newest block, without keeping it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sample(ChunkLog log, List<WeakReference> blocks)
    {
        if (log.TryFind(log.Position, out var block) && (blocks.Count == 0 || blocks[^1].Target != block))
        {
            blocks.Add(new WeakReference(block));
        }
    }
}
