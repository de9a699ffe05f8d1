using System.Globalization;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>A disk that is really full in the middle of a download.</summary>
public sealed class ImportDiskTests : IAsyncLifetime
{
    private Origin _origin = null!;

    public async ValueTask InitializeAsync() => _origin = await Origin.StartAsync();

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    [Fact]
    public async Task A_download_that_fills_the_disk_goes_on_where_it_was_when_there_is_room()
    {
        await using var disk = await MountedDisk.MountAsync(12);
        _origin.Content = [.. Enumerable.Range(1, 5).SelectMany(Origin.Make)];
        _origin.HoldsAfter = 1 << 20;
        await using var server = await ImportServer.StartAsync(options => options.Storage.ReserveBytes = 0, data: disk.Folder);
        var import = await ImportServer.AskAsync(server, _origin.Url);
        await ImportServer.UntilAsync(server, import.Text("id"), now => now.GetProperty("bytes").GetInt64() >= 1 << 20);

        disk.Take(8 << 20);
        _origin.HoldsAfter = null;
        _origin.LetGo.SetResult();
        var waits = await ImportServer.UntilAsync(server, import.Text("id"), now => now.Text("state") == "queued");
        waits.Text("reason").ShouldContain("the disk is full");

        disk.GiveBack();
        var done = await ImportServer.EndOfAsync(server, import);
        done.Text("state").ShouldBe("done", done.ToString());
        (await File.ReadAllBytesAsync(Path.Combine(disk.Folder, "media", done.Text("mediaId"), "source"))).ShouldBe(_origin.Content);
        int.Parse(_origin.Asked[^1]["bytes=".Length..^1], CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(1 << 20);
    }
}
