using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Support;
using Xunit;
using static Sluice.Server.Tests.Live.FaultOrigin;

namespace Sluice.Server.Tests.Live;

/// <summary>A host that the operator wrote into the configuration is allowed for that channel, and for nothing else.</summary>
public sealed class ChannelAllowanceTests(LiveSegments segments) : IClassFixture<LiveSegments>, IAsyncLifetime
{
    private readonly OutboundFetcher _outbound = new(
        new CheckedConnector(new SluiceOptions(), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System), TimeProvider.System);

    private FaultOrigin _origin = null!;
    private FaultOrigin _other = null!;

    public async ValueTask InitializeAsync()
    {
        (_origin, _other) = (await FaultOrigin.StartAsync(segments), await FaultOrigin.StartAsync(segments));
        _origin.Script("live/index.m3u8", List(0, 3), List(1, 3));
        _other.Script("live/index.m3u8", List(0, 3), List(1, 3));
    }

    public async ValueTask DisposeAsync()
    {
        await _origin.DisposeAsync();
        await _other.DisposeAsync();
        _outbound.Dispose();
    }

    [Fact]
    public async Task Of_the_configuration_it_is_asked_though_it_is_private_and_by_api_it_is_not()
    {
        await using var written = Open(_origin.Channel() with { Origin = ChannelOrigin.Configuration });
        await using var given = Open(_origin.Channel());

        using var visit = await VisitAsync(written);

        (await RefusedAsync(given)).ShouldBe("The address cannot be fetched.");
    }

    [Fact]
    public async Task A_connection_that_one_channel_was_allowed_is_not_for_others()
    {
        await using var written = Open(_origin.Channel() with { Origin = ChannelOrigin.Configuration });
        using var visit = await VisitAsync(written);
        (await Eventually.Holds(() => visit.Feed.Ts.Index.Segments.Length == 4)).ShouldBeTrue();

        var e = await Should.ThrowAsync<OutboundException>(() => _outbound.SendAsync(new OutboundRequest(_origin.Server.Url("live/0.ts")), default));

        e.Failure.ShouldBe(OutboundFailure.Refused);
    }

    [Theory]
    [InlineData("playlist")]
    [InlineData("redirect")]
    [InlineData("segment")]
    public async Task What_it_leads_to_is_not_allowed_by_that(string how)
    {
        var there = _other.Server.Url("live/index.m3u8").Secret;
        _origin.Script("live/index.m3u8", how switch
        {
            "playlist" => Text($"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{there}\n"),
            "redirect" => Redirect(there),
            _ => Text(ListText(0, 3).Replace(".ts", ".ts?", StringComparison.Ordinal).Replace("\n1", $"\n{_other.Server.Url("live/1")}", StringComparison.Ordinal)
                .Replace("\n0", $"\n{_other.Server.Url("live/0")}", StringComparison.Ordinal).Replace("\n2", $"\n{_other.Server.Url("live/2")}", StringComparison.Ordinal)),
        });
        await using var channel = Open(_origin.Channel() with { Origin = ChannelOrigin.Configuration });

        (await RefusedAsync(channel)).ShouldContain("The address cannot be fetched");

        _other.Server.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_url_of_the_channel_is_the_word_of_the_operator()
    {
        _origin.Script("live/index.m3u8", Status(404));
        await using var channel = Open(_origin.Channel() with
        {
            Origin = ChannelOrigin.Configuration,
            Urls = [_origin.Server.Url("live/index.m3u8").Secret, _other.Server.Url("live/index.m3u8").Secret],
        });

        using var visit = await VisitAsync(channel);

        channel.Status().Upstream!.Index.ShouldBe(1);
    }

    private static async Task<ChannelVisit> VisitAsync(Channel channel) =>
        await channel.VisitAsync(VisitKind.Endless, default).WaitAsync(Eventually.Patience);

    private static async Task<string> RefusedAsync(Channel channel) =>
        (await Should.ThrowAsync<ChannelException>(() => VisitAsync(channel))).Message;

    private Channel Open(ChannelDefinition definition) => new(definition, new ChannelTools(
        _outbound, (_, _, _) => Task.FromResult(new ResolvedUrl(null, [], "nobody")), new FastClock(20), NullLogger.Instance));
}
