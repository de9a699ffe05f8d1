using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

/// <summary>Expired titles go, by the fake clock and through the running sweeper.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task Files_go_after_the_grace_and_not_before()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Retention.GraceMinutes = 10);
        var doomed = (await server.PublishAsync("?expiresInMinutes=5")).Text("id");
        var kept = (await server.PublishAsync()).Text("id");

        server.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        await SettleAsync(server);
        server.StoredFiles().ShouldContain($"media/{doomed}/source");

        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await SweptAsync(server, () => server.StoredFiles().All(file => !file.Contains(doomed, StringComparison.Ordinal)))).ShouldBeTrue();
        (await server.Http.GetAsync("/api/v1/media/" + doomed)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        server.StoredFiles().ShouldBe([$"media/{kept}", $"media/{kept}/source"]);
    }

    [Fact]
    public async Task An_extension_in_the_grace_brings_a_title_back()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync("?expiresInMinutes=5");
        var path = "/api/v1/media/" + media.Text("id");
        var watch = $"{path}?token={media.GetProperty("playback").Text("token")}";
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        (await server.Http.GetAsync(watch)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        await server.SendAsync(HttpMethod.Patch, path, json: """{"expiresInMinutes":60}""");
        (await server.Http.GetAsync(watch)).StatusCode.ShouldBe(HttpStatusCode.OK);

        server.Clock.Advance(TimeSpan.FromMinutes(30));
        await SettleAsync(server);
        (await server.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_removal_that_fails_is_said_and_tried_again()
    {
        var store = new StubbornStore();
        await using var server = await SluiceServer.StartAsync(configure: builder =>
            builder.Services.AddSingleton<IObjectStore>(services =>
            {
                store.Inner = new LocalObjectStore(services.GetRequiredService<Sluice.Server.Hosting.SluiceOptions>().Storage.Data, 0);
                return store;
            }));
        var first = (await server.PublishAsync("?expiresInMinutes=1")).Text("id");
        store.Failures = 1;

        server.Clock.Advance(TimeSpan.FromMinutes(30));
        (await SweptAsync(server, () => server.Logs.Lines.Any(line =>
            line.Contains($"{first} could not be removed", StringComparison.Ordinal)))).ShouldBeTrue();

        (await SweptAsync(server, () => server.StoredFiles().Length == 0)).ShouldBeTrue("the next sweep removes it");

        var second = (await server.PublishAsync("?expiresInMinutes=1")).Text("id");
        server.StoredFiles().ShouldContain($"media/{second}/source");
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        (await SweptAsync(server, () => server.StoredFiles().Length == 0)).ShouldBeTrue("the sweeper lives on after a failure");
    }

    /// <summary>Lets the sweeper run at the time that it is now.</summary>
    private static async Task SettleAsync(SluiceServer server)
    {
        for (var i = 0; i < 5; i++)
        {
            server.Clock.Advance(TimeSpan.Zero);
            await Task.Delay(30);
        }
    }

    private static Task<bool> SweptAsync(SluiceServer server, Func<bool> holds) => Eventually.Holds(() =>
    {
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        return holds();
    });

    private sealed class StubbornStore : IObjectStore
    {
        public IObjectStore Inner { get; set; } = null!;

        public int Failures { get; set; }

        public long FreeBytes => Inner.FreeBytes;

        public IObjectStage Stage(AssetId asset) => Inner.Stage(asset);

        public ValueTask<IObjectReader?> OpenAsync(ObjectKey key, CancellationToken ct) => Inner.OpenAsync(key, ct);

        public ValueTask PutAsync(ObjectKey key, string localPath, CancellationToken ct) => Inner.PutAsync(key, localPath, ct);

        public ValueTask<bool> TryShareAsync(ObjectKey key, string stagedPath, CancellationToken ct) => Inner.TryShareAsync(key, stagedPath, ct);

        public ValueTask RemoveAsync(ObjectKey key, CancellationToken ct) => Inner.RemoveAsync(key, ct);

        public ValueTask RemoveChunksAsync(AssetId asset, string rendition, CancellationToken ct) => Inner.RemoveChunksAsync(asset, rendition, ct);

        public string? LocalPathOf(ObjectKey key) => Inner.LocalPathOf(key);

        public ValueTask ConfirmAsync(AssetId asset, CancellationToken ct) => Inner.ConfirmAsync(asset, ct);

        public ValueTask UnconfirmAsync(AssetId asset, CancellationToken ct) => Inner.UnconfirmAsync(asset, ct);

        public ValueTask<bool> IsUnconfirmedAsync(AssetId asset, CancellationToken ct) => Inner.IsUnconfirmedAsync(asset, ct);

        public ValueTask DeleteAsync(AssetId asset, CancellationToken ct) =>
            Failures-- > 0 ? throw new IOException("the disk is sulking") : Inner.DeleteAsync(asset, ct);

        public IAsyncEnumerable<AssetId> ListAsync(CancellationToken ct) => Inner.ListAsync(ct);

        public void ClearStages() => Inner.ClearStages();
    }
}
