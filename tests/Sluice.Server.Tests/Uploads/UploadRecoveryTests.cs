using System.Net;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>What a process leaves that died at the worst moment, made by hand, and what the next one makes of it.</summary>
public sealed class UploadRecoveryTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-recover-").FullName;
    private readonly byte[] _file = TusCalls.File(1000);
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;
    private string _path = "";

    private string Shelf => Path.Combine(_data, "uploads");

    private string Bytes => Path.Combine(Shelf, TusCalls.IdOf(_path));

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        _path = await _tus.NewAsync(_file.Length);
        using var patched = await _tus.PatchAsync(_path, 0, _file[..600]);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Fewer_bytes_on_the_disk_than_were_told_set_the_offset_back()
    {
        await RestartAsync(() => File.WriteAllBytesAsync(Bytes, _file[..400]));
        (await _tus.OffsetAsync(_path)).ShouldBe(400);
        await ShouldGoOnAsync(400);
    }

    [Fact]
    public async Task Bytes_that_are_gone_begin_again()
    {
        await RestartAsync(() =>
        {
            File.Delete(Bytes);
            return Task.CompletedTask;
        });
        (await _tus.OffsetAsync(_path)).ShouldBe(0);
        await ShouldGoOnAsync(0);
    }

    [Fact]
    public async Task Bytes_behind_what_was_told_are_not_believed()
    {
        await RestartAsync(() => File.AppendAllTextAsync(Bytes, new string('x', 500)));
        (await _tus.OffsetAsync(_path)).ShouldBe(600);
        await ShouldGoOnAsync(600);
    }

    [Fact]
    public async Task Bytes_that_no_upload_speaks_of_are_removed_and_the_others_stay()
    {
        await RestartAsync(async () =>
        {
            await File.WriteAllTextAsync(Path.Combine(Shelf, AssetId.New().Value), "nobody's");
            Directory.CreateDirectory(Path.Combine(Shelf, AssetId.New().Value + "-chunks"));
        });
        Directory.EnumerateFileSystemEntries(Shelf).ShouldBe([Bytes]);
    }

    [Fact]
    public async Task What_was_whole_becomes_its_title_without_being_asked()
    {
        await RestartAsync(async () =>
        {
            await File.WriteAllBytesAsync(Bytes, _file);
            await ChangeAsync(u => u with { OffsetBytes = _file.Length });
        });
        (await Eventually.Holds(async () => (await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(_path)}")).StatusCode == HttpStatusCode.OK)).ShouldBeTrue();
        await ShouldBeThereAsync();
    }

    [Fact]
    public async Task What_is_a_title_and_was_not_said_to_be_is_no_second_one()
    {
        using var rest = await _tus.PatchAsync(_path, 600, _file[600..]);
        await RestartAsync(() => ChangeAsync(u => u with { Asset = null }));
        (await _tus.OffsetAsync(_path)).ShouldBe(_file.Length);
        await ShouldBeThereAsync();
    }

    private async Task ShouldGoOnAsync(int offset)
    {
        using var rest = await _tus.PatchAsync(_path, offset, _file[offset..]);
        rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeThereAsync();
    }

    private async Task ShouldBeThereAsync()
    {
        (await File.ReadAllBytesAsync(Path.Combine(_data, "media", TusCalls.IdOf(_path), "source"))).ShouldBe(_file);
        (await (await _server.Http.GetAsync("/api/v1/media")).JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(1);
        (await Eventually.Holds(async () => (await _tus.HeadAsync(_path)).Headers.Contains("Sluice-Media-Id"))).ShouldBeTrue();
        (await Eventually.Holds(() => !Directory.EnumerateFileSystemEntries(Shelf).Any())).ShouldBeTrue();
    }

    private async Task StartAsync()
    {
        _server = await SluiceServer.StartAsync(data: _data);
        _tus = new TusCalls(_server.Http);
    }

    private async Task RestartAsync(Func<Task> meanwhile)
    {
        await _server.DisposeAsync();
        await meanwhile();
        await StartAsync();
    }

    private async Task ChangeAsync(Func<Upload, Upload> change)
    {
        using var catalog = new SqliteCatalog(Path.Combine(_data, "catalog.db"));
        await catalog.UpdateUploadAsync(AssetId.Parse(TusCalls.IdOf(_path), null), change, default);
    }
}
