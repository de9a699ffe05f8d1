using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Announcements that come side by side: together they keep to what one after another would.</summary>
public sealed class UploadQuotaTests
{
    private const int Together = 40;

    [Fact]
    public async Task No_more_uploads_begin_at_once_than_may_be_unfinished()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Ingest.MaxUnfinished = 3);
        var (desk, chunks) = (Get<UploadDesk>(server), Get<ChunkedUploads>(server));

        var begun = await Task.WhenAll(Enumerable.Range(0, Together).Select(n => TryAsync(() => n % 2 == 0
            ? desk.CreateAsync(100, "", isPartial: false, null, default)
            : chunks.BeginAsync("", 2, default))));

        begun.Count(b => b).ShouldBe(3);
        (await Get<ICatalog>(server).CountOpenUploadsAsync(default)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task No_more_bytes_are_announced_at_once_than_may_be_unfinished()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Ingest.MaxUnfinishedBytes = 500);
        var desk = Get<UploadDesk>(server);

        var begun = await Task.WhenAll(Enumerable.Range(0, Together).Select(_ => TryAsync(() => desk.CreateAsync(100, "", isPartial: false, null, default))));

        begun.Count(b => b).ShouldBe(5);
    }

    [Fact]
    public async Task The_same_content_announced_by_many_at_once_is_one_upload()
    {
        await using var server = await SluiceServer.StartAsync();
        var chunks = Get<ChunkedUploads>(server);
        var metadata = UploadMetadata.Write(("sha256", new string('a', 64)));

        var uploads = await Task.WhenAll(Enumerable.Range(0, Together).Select(_ => Task.Run(() => chunks.BeginAsync(metadata, 2, default))));

        uploads.Select(u => u.Id).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task The_same_parts_joined_by_many_at_once_are_one_upload()
    {
        await using var server = await SluiceServer.StartAsync();
        var tus = new TusCalls(server.Http);
        var file = TusCalls.File(1000);
        var parts = new List<AssetId>();
        foreach (var half in (byte[][])[file[..500], file[500..]])
        {
            var path = await tus.NewAsync(500, ("Upload-Concat", "partial"));
            using var patched = await tus.PatchAsync(path, 0, half);
            patched.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            parts.Add(AssetId.Parse(TusCalls.IdOf(path), null));
        }

        var desk = Get<UploadDesk>(server);
        var wholes = await Task.WhenAll(Enumerable.Range(0, Together).Select(_ => Task.Run(() => desk.ConcatenateAsync(parts, "", null, default))));

        wholes.Select(w => w?.Id).Distinct().ShouldHaveSingleItem().ShouldNotBeNull();
    }

    private static T Get<T>(SluiceServer server)
        where T : notnull => server.App.Services.GetRequiredService<T>();

    private static Task<bool> TryAsync(Func<Task<Upload>> begin) => Task.Run(async () =>
    {
        try
        {
            await begin();
            return true;
        }
        catch (IntakeRefusedException)
        {
            return false;
        }
    });
}
