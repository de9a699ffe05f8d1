using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Package;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>Files that become titles because of where they lie.</summary>
public sealed class WatchFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-watch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_becomes_a_title_and_leaves_the_folder()
    {
        await using var server = await StartAsync();
        Put("Holiday 1.mp4", SluiceServer.Playable);

        var media = await TitleAsync(server);

        (media.Text("title"), media.Text("fileName"), media.Text("state")).ShouldBe(("Holiday 1", "Holiday 1.mp4", "ready"));
        (await Eventually.Holds(() => Files().Length == 0)).ShouldBeTrue();
        var import = await ImportServer.UntilAsync(server, media.Text("id"), i => i.Text("state") == "done");
        (import.Text("kind"), import.Text("source"), import.Text("mediaId")).ShouldBe(("watch", "Holiday 1.mp4", media.Text("id")));
        (await File.ReadAllTextAsync(Path.Combine(server.Data, "media", media.Text("id"), "source"))).ShouldBe(SluiceServer.Playable);
    }

    [Fact]
    public async Task A_file_that_grows_is_waited_for()
    {
        // A second without a byte is an end; it takes longer than that to come, with a tenth of that between any two pieces.
        await using var server = await StartAsync(options => options.Ingest.WatchSeconds = 10);
        for (var piece = 0; piece < 30; piece++)
        {
            await File.AppendAllTextAsync(Path.Combine(_folder, "growing.mp4"), SluiceServer.Playable);
            await Task.Delay(50);
            (await LibraryAsync(server)).ShouldBeEmpty($"after piece {piece}");
        }

        (await TitleAsync(server)).GetProperty("sizeBytes").GetInt64().ShouldBe(30 * SluiceServer.Playable.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_grows_while_it_is_taken_in_is_taken_anew(bool refused)
    {
        var tries = 0;
        await using var server = await StartAsync(configure: builder => builder.Services.AddSingleton<PackageStep>(async (_, _, _, ct) =>
        {
            var first = Interlocked.Increment(ref tries) == 1;
            if (first)
            {
                await File.AppendAllTextAsync(Path.Combine(_folder, "clip.mp4"), "its other half", ct);
            }

            return new PackageResult(first && refused ? "There is no movie in it." : null, AssetState.Ready, null, "abcd", 1, []);
        }));
        Put("clip.mp4", SluiceServer.Playable);

        (await Eventually.Holds(() => Volatile.Read(ref tries) == 2 && Files().Length == 0)).ShouldBeTrue(string.Join(' ', Files()));
        var media = (await LibraryAsync(server)).ShouldHaveSingleItem();
        await ImportServer.UntilAsync(server, media.Text("id"), i => i.Text("state") == "done");
        media.GetProperty("sizeBytes").GetInt64().ShouldBe(SluiceServer.Playable.Length + "its other half".Length);
        (await File.ReadAllTextAsync(Path.Combine(server.Data, "media", media.Text("id"), "source"))).ShouldBe(SluiceServer.Playable + "its other half");
        Directory.GetDirectories(Path.Combine(server.Data, "media")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task What_does_not_play_is_put_aside_with_the_reason()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "failed"));
        Put("failed/notes.mp4", "an older one");
        await using var server = await StartAsync();
        Put("notes.mp4", SluiceServer.Garbage);

        string[] all = ["failed/notes (2).mp4", "failed/notes (2).mp4.txt", "failed/notes.mp4"];
        (await Eventually.Holds(() => Files().SequenceEqual(all))).ShouldBeTrue(string.Join(' ', Files()));
        (await Eventually.Holds(() => Read("failed/notes (2).mp4.txt").Length > 0)).ShouldBeTrue();
        Read("failed/notes (2).mp4.txt").ShouldBe("The file is no video or audio that can be played: There is no movie in it.\n");
        Read("failed/notes (2).mp4").ShouldBe(SluiceServer.Garbage);
        (await LibraryAsync(server)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Others_are_left_alone()
    {
        var elsewhere = Path.Combine(Path.GetTempPath(), $"sluice-secret-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(elsewhere, SluiceServer.Playable);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.mp4"), elsewhere);
        foreach (var name in (string[])[".hidden.mp4", "clip.mp4.part", "clip.mp4.crdownload", "~clip.mp4", "below/clip.mp4"])
        {
            Put(name, SluiceServer.Playable);
        }

        Put("empty.mp4", "");
        await using var server = await StartAsync();
        Put("taken.mp4", SluiceServer.Playable);

        (await TitleAsync(server)).Text("fileName").ShouldBe("taken.mp4");
        await Task.Delay(500);
        (await LibraryAsync(server)).Length.ShouldBe(1);
        Files().ShouldBe([".hidden.mp4", "below/clip.mp4", "clip.mp4.crdownload", "clip.mp4.part", "empty.mp4", "link.mp4", "~clip.mp4"]);
        File.Delete(elsewhere);
    }

    [Fact]
    public async Task Folders_below_are_looked_into_when_that_is_wanted()
    {
        Put("below/deep/clip.mp4", SluiceServer.Playable);
        await using var server = await StartAsync(options => options.Ingest.WatchFolders = true);

        (await TitleAsync(server)).Text("fileName").ShouldBe("clip.mp4");
        (await Eventually.Holds(() => Files().Length == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_whose_title_was_made_by_a_process_that_was_killed_goes_without_another()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            string id;
            await using (var before = await StartAsync(data: data))
            {
                Put("clip.mp4", SluiceServer.Playable);
                id = (await TitleAsync(before)).Text("id");
                await ImportServer.UntilAsync(before, id, i => i.Text("state") == "done");

                // As if it had been killed just before it removed the file and ended the row.
                Put("clip.mp4", SluiceServer.Playable);
                var file = new FileInfo(Path.Combine(_folder, "clip.mp4"));
                var catalog = before.App.Services.GetRequiredService<IImportCatalog>();
                await before.App.StopAsync();
                await catalog.UpdateImportAsync(
                    AssetId.Parse(id, null), old => old with { State = JobState.Running, FinishedAt = null, Validator = $"{file.Length} {file.LastWriteTimeUtc.Ticks}" }, default);
            }

            await using var after = await StartAsync(data: data);
            (await Eventually.Holds(() => Files().Length == 0)).ShouldBeTrue();
            await ImportServer.UntilAsync(after, id, i => i.Text("state") == "done");
            (await LibraryAsync(after)).Length.ShouldBe(1);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task The_same_name_again_is_another_title()
    {
        await using var server = await StartAsync();
        Put("clip.mp4", SluiceServer.Playable);
        await TitleAsync(server);
        (await Eventually.Holds(() => Files().Length == 0)).ShouldBeTrue();
        Put("clip.mp4", SluiceServer.Playable + "!");

        (await Eventually.Holds(async () => (await LibraryAsync(server)).Length == 2)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_holds_the_data_or_lies_in_it_is_refused_at_the_start()
    {
        var data = Path.Combine(_folder, "data");
        Directory.CreateDirectory(data);
        (await Should.ThrowAsync<SetupException>(() => StartAsync(data: data))).Message.ShouldContain("ingest.watch");
    }

    private Task<SluiceServer> StartAsync(
        Action<SluiceOptions>? options = null, string? data = null, Action<WebApplicationBuilder>? configure = null) => ImportServer.StartAsync(
        settings =>
        {
            (settings.Ingest.Watch, settings.Ingest.WatchSeconds) = (_folder, 2); // A fifth of a second by the clock of these tests.
            options?.Invoke(settings);
        },
        configure,
        data);

    private void Put(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));

    private string[] Files() =>
    [
        .. Directory.EnumerateFiles(_folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = default })
            .Select(path => Path.GetRelativePath(_folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    private static async Task<JsonElement> TitleAsync(SluiceServer server)
    {
        JsonElement[] titles = [];
        (await Eventually.Holds(async () => (titles = await LibraryAsync(server)).Length > 0)).ShouldBeTrue("no title came of it");
        return titles[0];
    }

    private static async Task<JsonElement[]> LibraryAsync(SluiceServer server) =>
        [.. (await (await server.Http.GetAsync("/api/v1/media")).JsonAsync()).GetProperty("items").EnumerateArray()];
}
