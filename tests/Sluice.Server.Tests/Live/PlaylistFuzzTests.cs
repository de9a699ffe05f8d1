using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>
/// Real playlists with damage of chance, and segments, keys and init segments that are what they should be or something else: whoever follows them is still
/// doing so after some requests, or says why not. How far each gets in its time may differ from machine to machine; what it may not do is the same.
/// </summary>
public sealed class PlaylistFuzzTests(LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    private const int Runs = 300;
    private const int AtOnce = 16;
    private const int MostRequests = 12;

    /// <summary>What waits longer for its next request waits because it is told to, like a film that is days long.</summary>
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(90);

    private readonly PlaylistMutations _mutations = new();
    private readonly ConcurrentDictionary<string, Run> _runs = new();
    private readonly FastClock _clock = new(300);
    private ApiStub _stub = null!;
    private OutboundFetcher _outbound = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = ["127.0.0.1/32"];
        _outbound = new OutboundFetcher(new CheckedConnector(options, static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System), TimeProvider.System);
        _stub = await ApiStub.StartAsync(AnswerAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _outbound.Dispose();
        await _stub.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_a_playlist_says_it_is_followed_or_there_is_a_reason()
    {
        var outcomes = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Runs),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, _) => outcomes.Enqueue(await FollowAsync(seed)));

        outcomes.Where(static o => o.StartsWith("mistake", StringComparison.Ordinal)).ShouldBeEmpty();
        outcomes.Count.ShouldBe(Runs);
        outcomes.Distinct().Count().ShouldBeGreaterThan(8, "they get to different places");
    }

    [Fact]
    public async Task A_channel_of_such_playlists_shows_something_or_says_why_not()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            using var run = Begin(1000 + seed);
            await using var channel = new Channel(
                new ChannelDefinition { Name = "odd", Urls = [run.Url.Secret], Origin = ChannelOrigin.Api, Timeout = TimeSpan.FromSeconds(60) },
                new ChannelTools(_outbound, static (_, _, _) => Task.FromResult(new ResolvedUrl(null, [], "nobody")), _clock, NullLogger.Instance));
            try
            {
                using var visit = await channel.VisitAsync(VisitKind.Hls, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
                channel.Status().State.ShouldBeOneOf(ChannelState.Live, ChannelState.Retrying, ChannelState.Ended);
            }
            catch (ChannelException e)
            {
                e.Message.Length.ShouldBeGreaterThan(10);
                e.Message.ShouldNotContain("mistake", customMessage: $"seed {seed}");
            }
        }
    }

    private async Task<string> FollowAsync(int seed)
    {
        using var run = Begin(seed);
        var feed = new LiveFeed(2 << 20, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(6) };
        using var sinks = new MediaSinks(feed, _clock);
        var upstream = new HlsUpstream(_outbound, new UpstreamManner { Timeout = TimeSpan.FromSeconds(60) }, sinks, _clock) { Memory = feed.Memory };
        using var enough = _clock.CreateTimer(static stop => ((CancellationTokenSource)stop!).Cancel(), run.Stop, Enough, Timeout.InfiniteTimeSpan);
        try
        {
            var end = await upstream.RunAsync(run.Url, run.Stop.Token).WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
            feed.Memory.HeldBytes.ShouldBeLessThanOrEqualTo(feed.Memory.BudgetBytes);
            return end.Reason is null or { Length: > 5 } ? $"{end.IsFilm} {end.Reason}" : $"mistake: seed {seed} ends with '{end.Reason}'";
        }
        catch (OperationCanceledException) when (run.Stop.IsCancellationRequested)
        {
            return "goes on";
        }
        catch (Exception e)
        {
            return $"mistake: seed {seed}: {e}";
        }
    }

    private Run Begin(int seed)
    {
        var name = seed.ToString(CultureInfo.InvariantCulture);
        OutboundUrl.TryParse($"http://127.0.0.1:{_stub.Url.Port}/{name}/index.m3u8", out var url).ShouldBeTrue();
        return _runs[name] = new Run(url!, new Random(seed));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value![1..];
        if (!_runs.TryGetValue(path.Split('/')[0], out var run) || run.Count() > MostRequests)
        {
            context.Response.StatusCode = 404;
            return;
        }

        var body = Choose(path, run);
        context.Response.StatusCode = body is null ? 404 : 200;
        await context.Response.Body.WriteAsync(body ?? []);
    }

    private byte[]? Choose(string path, Run run)
    {
        lock (run)
        {
            var random = run.Random;
            if (path.EndsWith("/index.m3u8", StringComparison.Ordinal) || path.Contains(".m3u8", StringComparison.OrdinalIgnoreCase))
            {
                // Most loads bring the same again, or something that is like it.
                run.Playlist = run.Playlist is null || random.Next(4) == 0 || !path.EndsWith("/index.m3u8", StringComparison.Ordinal)
                    ? _mutations.Next(random, media: !path.EndsWith("/index.m3u8", StringComparison.Ordinal))
                    : run.Playlist;
                return run.Playlist;
            }

            return random.Next(12) switch
            {
                0 => null,
                1 => [],
                2 => "WEBVTT\n\n"u8.ToArray(),
                3 => new byte[16],
                4 => [0, 0, 0, 16, .. "ftypisom"u8, 0, 0, 0, 1, 0, 0, 0, 1, .. "moof"u8, 0, 0, 0, 0, 0, 0, 0, 1],
                5 => [.. "ID3"u8, 4, 0, 0, 127, 127, 127, 127, 0xFF, 0xF1, 0xFF, 0xFF, 0xFF],
                6 => segments.All[0][..1000],
                _ => segments.All[random.Next(12)],
            };
        }
    }

    private sealed class Run(OutboundUrl url, Random random) : IDisposable
    {
        private int _requests;

        public OutboundUrl Url => url;

        public Random Random => random;

        public CancellationTokenSource Stop { get; } = new();

        public byte[]? Playlist { get; set; }

        /// <summary>Another request; after enough of them it is stopped.</summary>
        public int Count()
        {
            var count = Interlocked.Increment(ref _requests);
            if (count == MostRequests)
            {
                _ = Stop.CancelAsync();
            }

            return count;
        }

        public void Dispose() => Stop.Dispose();
    }
}
