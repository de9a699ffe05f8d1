using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>A body that does not end asks no second time by itself: whether its viewer may still watch is looked at meanwhile.</summary>
public sealed class EndlessAccessTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    private const double Speed = 8;

    [Fact]
    public async Task It_ends_when_its_link_expires_and_another_goes_on()
    {
        var clock = new LaterClock(new FastClock(Speed));
        await using var server = await StartAsync(clock);
        server.Set(server.Set("live", "live/index.m3u8") with { IsPublic = false });
        var (brief, lasting) = (await OpenAsync(server, TimeSpan.FromHours(1)), await OpenAsync(server, TimeSpan.FromHours(48)));

        clock.Later = TimeSpan.FromHours(24);
        await brief.CopyToAsync(Stream.Null).WaitAsync(Eventually.Patience);

        (await Eventually.Holds(() => server.Channel("live").Status().Viewers.Total == 1)).ShouldBeTrue();
        await GoesOnAsync(lasting);
    }

    [Fact]
    public async Task It_ends_for_whom_the_channel_is_public_no_more()
    {
        await using var server = await StartAsync(new FastClock(Speed));
        var live = server.Set("live", "live/index.m3u8");
        var (nobody, holder) = (await OpenAsync(server, null), await OpenAsync(server, TimeSpan.FromHours(1)));

        server.Set(live with { IsPublic = false });
        await nobody.CopyToAsync(Stream.Null).WaitAsync(Eventually.Patience);

        await GoesOnAsync(holder);
    }

    /// <summary>A server with a channel that goes on for a while, eight times as fast.</summary>
    private async Task<ChannelServer> StartAsync(TimeProvider clock)
    {
        var server = await ChannelServer.StartAsync(segments, guarded: true, clock: clock);
        var load = 0;
        server.Upstream.Faults["live/index.m3u8"] = async context =>
        {
            await context.Response.Body.WriteAsync(ChannelServer.List(Math.Min(9, load++), 3));
            return true;
        };
        return server;
    }

    private static async Task<Stream> OpenAsync(ChannelServer server, TimeSpan? life)
    {
        var tokens = server.Server.App.Services.GetRequiredService<PlaybackTokens>();
        var query = life is null ? "" : $"?token={tokens.Issue(new ChannelDoor("live", IsPublic: false, ChannelEpochs.OfConfiguration), life).Token}";
        var response = await server.Http.GetAsync("/live/live" + query, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync();
    }

    /// <summary>Its end is not there: it gives bytes, or keeps one waiting for them.</summary>
    private static async Task GoesOnAsync(Stream body)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<OperationCanceledException>(() => body.CopyToAsync(Stream.Null, patience.Token));
    }

    /// <summary>The day may be set on without any time going by.</summary>
    private sealed class LaterClock(TimeProvider clock) : TimeProvider
    {
        private long _laterTicks;

        public TimeSpan Later
        {
            set => Interlocked.Exchange(ref _laterTicks, value.Ticks);
        }

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _laterTicks));

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
