using Shouldly;
using Sluice.Server.Manage.Metrics;
using Sluice.Server.Tests.Manage.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage.Metrics;

/// <summary>What a monitor reads.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task The_process_and_each_channel_are_told()
    {
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", ChannelApi.SecretUrl);
        await ChannelApi.MakeAsync(server, "sport", "http://a.example/x.m3u8", ""","enabled":false,"bufferBytes":2097152""");

        using var response = await server.Http.GetAsync("/metrics");

        response.Content.Headers.ContentType?.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync();
        var metrics = new Exposition(text);
        metrics["process_cpu_seconds_total"].ShouldBeGreaterThan(0);
        metrics["process_resident_memory_bytes"].ShouldBeGreaterThan(1 << 20);
        metrics["process_start_time_seconds"].ShouldBeInRange(1_700_000_000, DateTimeOffset.UnixEpoch.AddYears(200).ToUnixTimeSeconds());
        metrics["""sluice_channel_state{channel="news",state="idle"}"""].ShouldBe(1);
        metrics["""sluice_channel_state{channel="news",state="live"}"""].ShouldBe(0);
        metrics["""sluice_channel_state{channel="sport",state="off"}"""].ShouldBe(1);
        metrics["""sluice_channel_viewers{channel="news",kind="endless"}"""].ShouldBe(0);
        metrics["""sluice_channel_log_budget_bytes{channel="sport"}"""].ShouldBe(2 << 20);
        metrics["""sluice_channel_switches_total{channel="news"}"""].ShouldBe(0);
        metrics.Keys("sluice_channel_first_byte_median_seconds").ShouldBeEmpty("nothing was fetched");
        text.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task Without_channels_there_is_nothing_of_channels()
    {
        await using var server = await ChannelApi.StartAsync();

        new Exposition(await server.Http.GetStringAsync("/metrics")).Keys("sluice_channel").ShouldBeEmpty();
    }

    [Fact]
    public async Task They_are_the_operators()
    {
        await using var server = await ChannelApi.StartAsync(guarded: true);

        using var refused = await server.Http.GetAsync("/metrics");
        await refused.ShouldBeProblemAsync(401, "key-missing");
        using var response = await server.SendAsync(HttpMethod.Get, "/metrics", bearer: server.NewOperatorKey);
        ((int)response.StatusCode).ShouldBe(200);
    }

    [Fact]
    public void Whatever_stands_in_a_label_is_escaped()
    {
        var text = new MetricText();
        text.Gauge("a", "one \\ two\nthree", [new MetricValue(1.5, [KeyValuePair.Create("l", "\"x\\y\nz")]), new MetricValue(1e300, [KeyValuePair.Create("l", "b")])]);

        text.ToString().ShouldBe("# HELP a one \\\\ two\\nthree\n# TYPE a gauge\na{l=\"\\\"x\\\\y\\nz\"} 1.5\na{l=\"b\"} 1E+300\n");
        new Exposition(text.ToString())["a{l=\"b\"}"].ShouldBe(1e300);
    }
}
