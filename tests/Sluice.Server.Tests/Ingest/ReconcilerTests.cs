using System.Net;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>What a start makes of the leavings of a process that was killed.</summary>
public sealed class ReconcilerTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Stages_and_files_without_a_row_go_and_the_rest_stays()
    {
        string kept;
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            kept = (await first.PublishAsync()).Text("id");
        }

        Leave("stage/half-an-upload", "source");
        Leave($"media/{AssetId.New()}", "source");

        await using var second = await SluiceServer.StartAsync(data: _data);

        second.StoredFiles().ShouldBe([$"media/{kept}", $"media/{kept}/source"]);
        (await second.Http.GetAsync($"/api/v1/media/{kept}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_row_without_files_goes_and_is_said()
    {
        string kept, gone;
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            kept = (await first.PublishAsync()).Text("id");
            gone = (await first.PublishAsync()).Text("id");
        }

        Directory.Delete(Path.Combine(_data, "media", gone), recursive: true);

        await using var second = await SluiceServer.StartAsync(data: _data);

        (await second.Http.GetAsync($"/api/v1/media/{gone}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await second.Http.GetAsync($"/api/v1/media/{kept}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        second.Logs.Lines.ShouldContain(line => line.Contains(gone, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_is_not_there_costs_no_rows()
    {
        await using (var first = await SluiceServer.StartAsync(data: _data))
        {
            for (var i = 0; i < 10; i++)
            {
                await first.PublishAsync();
            }
        }

        Directory.Move(Path.Combine(_data, "media"), Path.Combine(_data, "elsewhere"));

        await using var second = await SluiceServer.StartAsync(data: _data);

        (await (await second.Http.GetAsync("/api/v1/media")).JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(10);
        second.Logs.Lines.ShouldContain(line => line.Contains("not mounted", StringComparison.Ordinal));
    }

    private void Leave(string folder, string name)
    {
        Directory.CreateDirectory(Path.Combine(_data, folder));
        File.WriteAllText(Path.Combine(_data, folder, name), "left behind");
    }
}
