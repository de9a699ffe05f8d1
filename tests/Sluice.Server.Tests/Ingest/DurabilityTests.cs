using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>What is flushed to the platter before a client is told that its file is kept.</summary>
public sealed class DurabilityTests
{
    [Theory]
    [InlineData("/api/v1/media", true, "flush commit")]
    [InlineData("/api/v1/media", false, "commit")]
    [InlineData("/upload", true, "flush commit")]
    public async Task An_upload_in_one_request_is_flushed_before_it_is_there(string path, bool durable, string done)
    {
        var (server, store) = await StartAsync(durable);
        await using var _ = server;

        (await server.UploadAsync(SluiceServer.Playable, path)).IsSuccessStatusCode.ShouldBeTrue();

        string.Join(' ', store.Done).ShouldBe(done);
    }

    [Theory]
    [InlineData(true, "flush share flush commit")]
    [InlineData(false, "share commit")]
    public async Task The_bytes_of_a_twin_that_are_shared_are_flushed_whoever_left_them(bool durable, string done)
    {
        var (server, store) = await StartAsync(durable);
        await using var _ = server;
        await server.PublishAsync();
        store.Done.Clear();

        (await server.UploadAsync(SluiceServer.Playable)).StatusCode.ShouldBe(HttpStatusCode.Created);

        string.Join(' ', store.Done).ShouldBe(done);
    }

    private static async Task<(SluiceServer Server, NotedStore Store)> StartAsync(bool durable)
    {
        var server = await SluiceServer.StartAsync(
            options => options.Ingest.Durable = durable,
            builder => builder.Services.AddSingleton<IObjectStore>(provider =>
            {
                var storage = provider.GetRequiredService<SluiceOptions>().Storage;
                return new NotedStore(new LocalObjectStore(storage.Data, storage.ReserveBytes));
            }));
        return (server, (NotedStore)server.App.Services.GetRequiredService<IObjectStore>());
    }
}
