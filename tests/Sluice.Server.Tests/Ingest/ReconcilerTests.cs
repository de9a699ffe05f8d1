using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>What a start makes of the leavings of a process that was killed.</summary>
public sealed class ReconcilerTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Stages_and_unconfirmed_files_without_a_row_go_and_the_rest_stays()
    {
        string kept;
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            kept = (await first.PublishAsync()).Text("id");
        }

        Leave("stage/half-an-upload", "source");
        var half = $"media/{AssetId.New()}";
        Leave(half, "source");
        Leave(half, ".unconfirmed");

        await using var second = await SluiceServer.StartAsync(data: _data);

        second.StoredFiles().ShouldBe([$"media/{kept}", $"media/{kept}/source"]);
        (await second.Http.GetAsync($"/api/v1/media/{kept}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lost_catalog_costs_no_files()
    {
        string kept;
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            kept = (await first.PublishAsync()).Text("id");
        }

        foreach (var file in Directory.GetFiles(_data, "catalog.db*"))
        {
            File.Delete(file);
        }

        await using var second = await SluiceServer.StartAsync(data: _data);

        second.StoredFiles().ShouldBe([$"media/{kept}", $"media/{kept}/source"]);
        second.Logs.Lines.ShouldContain(line => line.Contains($"media/{kept} has files but no row", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_media_folder_costs_no_rows()
    {
        string kept;
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            kept = (await first.PublishAsync()).Text("id");
        }

        Directory.Move(Path.Combine(_data, "media"), Path.Combine(_data, "elsewhere"));

        await using var second = await SluiceServer.StartAsync(data: _data);

        (await second.Http.GetAsync($"/api/v1/media/{kept}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        second.Logs.Lines.ShouldContain(line => line.Contains(kept, StringComparison.Ordinal)
            && line.Contains("not mounted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_title_that_was_killed_before_its_confirmation_is_confirmed()
    {
        string kept;
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            kept = (await first.PublishAsync()).Text("id");
        }

        Leave($"media/{kept}", ".unconfirmed");

        await using var second = await SluiceServer.StartAsync(data: _data);

        second.StoredFiles().ShouldBe([$"media/{kept}", $"media/{kept}/source"]);
    }

    [Fact]
    public async Task Publishing_that_was_cut_short_before_its_row_is_done_again_although_the_title_was_arriving()
    {
        var arriving = CatalogContract.Sample(DateTimeOffset.UnixEpoch) with { State = AssetState.Arriving, AdminKeyHash = [] };
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            await first.Assets.AddAsync(arriving, default);
            await first.App.Services.GetRequiredService<ICatalog>().AddUploadAsync(
                new Upload
                {
                    Id = arriving.Id,
                    LengthBytes = 1000,
                    OffsetBytes = 11,
                    CreatedAt = first.Clock.GetUtcNow(),
                    UpdatedAt = first.Clock.GetUtcNow(),
                    ExpiresAt = first.Clock.GetUtcNow().AddDays(1),
                },
                default);
        }

        Leave("uploads", arriving.Id.Value);
        Leave($"media/{arriving.Id}", "source");
        Leave($"media/{arriving.Id}", ".unconfirmed");

        await using var second = await SluiceServer.StartAsync(data: _data);

        second.StoredFiles().ShouldBeEmpty();
        (await second.Assets.FindAsync(arriving.Id, default))!.State.ShouldBe(AssetState.Arriving);
        second.Logs.Lines.ShouldNotContain(line => line.Contains("not mounted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_lies_in_a_data_folder_that_others_may_read_is_closed_to_them()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        File.SetUnixFileMode(_data, (UnixFileMode)0b111_101_101);
        foreach (var name in (string[])["media", "stage"])
        {
            File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(_data, name)).FullName, (UnixFileMode)0b111_101_101);
        }

        await using var server = await SluiceServer.StartAsync(data: _data);

        const UnixFileMode others = (UnixFileMode)0b000_111_111;
        var inside = new DirectoryInfo(_data).EnumerateFileSystemInfos().Where(entry =>
            entry.Name is "media" or "stage" || entry.Name.StartsWith("catalog.db", StringComparison.Ordinal)).ToList();
        inside.Count.ShouldBeGreaterThanOrEqualTo(3);
        inside.ShouldAllBe(entry => (entry.UnixFileMode & others) == UnixFileMode.None);
    }

    private void Leave(string folder, string name)
    {
        Directory.CreateDirectory(Path.Combine(_data, folder));
        File.WriteAllText(Path.Combine(_data, folder, name), "left behind");
    }
}
