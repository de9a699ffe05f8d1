using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_title_is_told_first_as_it_is_and_then_as_it_changes()
    {
        await using var server = await JobApiTests.HangingAsync();
        var job = await JobApiTests.AddJobAsync(server);
        using var listener = await EventListener.OpenAsync(server, $"/api/v1/media/{job.Asset}/events");
        listener.Response.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream");
        listener.Response.Headers.CacheControl!.NoStore.ShouldBeTrue();

        var (name, media) = await listener.NextEventAsync(server);
        (name, media.GetRawText()).ShouldBe(("media", $$"""{"id":"{{job.Asset}}","state":"ready","revision":0}"""));
        (name, var running) = await listener.NextEventAsync(server);
        (name, running.Text("id"), running.Text("state")).ShouldBe(("job", job.Id, "running"));

        await server.Board().ReportAsync(job.Id, 0.5, 2.5, 8, default);
        (name, var progress) = await listener.NextEventAsync(server);
        (name, progress.GetRawText()).ShouldBe(
            ("job", $$"""{"id":"{{job.Id}}","asset":"{{job.Asset}}","kind":"encode","state":"running","progress":0.5,"speed":2.5,"etaSeconds":8,"reason":null}"""));

        await server.Assets.UpdateAsync(job.Asset, asset => asset with { State = AssetState.Failed, Revision = 3 }, default);
        (name, media) = await listener.NextEventAsync(server);
        (name, media.Text("state"), media.GetProperty("revision").GetInt32()).ShouldBe(("media", "failed", 3));

        using var cancelled = await server.SendAsync(HttpMethod.Post, $"/api/v1/jobs/{job.Id}/cancel");
        (name, progress) = await listener.NextEventAsync(server);
        (name, progress.Text("state")).ShouldBe(("job", "cancelled"));
    }

    [Fact]
    public async Task Many_reports_in_half_a_second_are_one_event_with_the_last_number()
    {
        await using var server = await JobApiTests.HangingAsync();
        var job = await JobApiTests.AddJobAsync(server);
        using var listener = await EventListener.OpenAsync(server, "/api/v1/jobs/events");
        (await listener.NextEventAsync(server)).Data.Text("state").ShouldBe("running");

        // The clock stands still: the stream pauses after its first batch.
        for (var i = 1; i <= 100; i++)
        {
            await server.Board().ReportAsync(job.Id, i / 200.0, null, null, default);
        }

        (await listener.NextEventAsync(server)).Data.GetProperty("progress").GetDouble().ShouldBe(0.5);
    }

    [Fact]
    public async Task Silence_is_broken_by_a_comment_every_fifteen_seconds()
    {
        await using var server = await SluiceServer.StartAsync();
        using var listener = await EventListener.OpenAsync(server, "/api/v1/jobs/events");
        (await listener.NextAsync()).ShouldBe(("", null));

        var next = listener.NextAsync();
        var start = server.Clock.GetUtcNow();
        while (!next.IsCompleted)
        {
            await Task.WhenAny(next, Task.Delay(20));
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await next).ShouldBe(("", null));
        (server.Clock.GetUtcNow() - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task The_stream_of_a_title_ends_with_it()
    {
        await using var server = await JobApiTests.HangingAsync();
        var job = await JobApiTests.AddJobAsync(server);
        using var listener = await EventListener.OpenAsync(server, $"/api/v1/media/{job.Asset}/events");
        await listener.NextEventAsync(server);
        await listener.NextEventAsync(server);

        await server.SendAsync(HttpMethod.Delete, "/api/v1/media/" + job.Asset);
        var end = Eventually.Holds(() =>
        {
            server.Clock.Advance(TimeSpan.FromMilliseconds(500));
            return server.Feed().Count == 0;
        });

        while (await listener.NextAsync() is { } last)
        {
            last.Data.ShouldBeNull();
        }

        (await end).ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_goes_makes_room_and_a_server_that_stops_waits_for_none()
    {
        var server = await SluiceServer.StartAsync();
        await using var _ = server;
        var listeners = new List<EventListener>();
        for (var i = 0; i < ChangeFeed.MostListeners; i++)
        {
            listeners.Add(await EventListener.OpenAsync(server, "/api/v1/jobs/events"));
        }

        using var refused = await server.Http.GetAsync("/api/v1/jobs/events");
        await refused.ShouldBeProblemAsync(503, "listeners-full");
        refused.Headers.RetryAfter.ShouldNotBeNull();

        listeners[5].Dispose();
        (await Eventually.Holds(() => server.Feed().Count < ChangeFeed.MostListeners)).ShouldBeTrue();
        listeners[5] = await EventListener.OpenAsync(server, "/api/v1/jobs/events");

        await server.App.StopAsync().WaitAsync(Eventually.Patience);
        listeners.ForEach(listener => listener.Dispose());
    }

    [Fact]
    public async Task A_titles_stream_takes_its_token_and_no_other()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        var (one, other) = (await PublishAsync(server), await PublishAsync(server));

        using var bad = await server.Http.GetAsync($"/api/v1/media/{one.Id}/events?token={other.Token}");
        await bad.ShouldBeProblemAsync(403, "token-invalid");
        using var none = await server.Http.GetAsync($"/api/v1/media/{one.Id}/events");
        await none.ShouldBeProblemAsync(401, "key-missing");
        using var listener = await EventListener.OpenAsync(server, $"/api/v1/media/{one.Id}/events?token={one.Token}");
        (await listener.NextEventAsync(server)).Name.ShouldBe("media");
    }

    private static async Task<(AssetId Id, string Token)> PublishAsync(SluiceServer server)
    {
        var asset = CatalogContract.Sample(server.Clock.GetUtcNow());
        await server.Assets.AddAsync(asset, default);
        return (asset.Id, server.App.Services.GetRequiredService<PlaybackTokens>().Issue(asset).Token);
    }
}
