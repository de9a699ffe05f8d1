using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Robustness;

/// <summary>A real server on a real disk that an encode fills: what is there plays, what is missing is told, nothing is left half, and
/// when there is room again it goes on by itself.</summary>
public sealed class DiskFullEncodeTests : IDisposable
{
    private const int Megabyte = 1 << 20;
    private const int DiskMegabytes = 40;
    private const int Reserve = 12 * Megabyte;
    private const int Chunks = 15;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-full-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_encode_that_fills_the_disk_waits_and_goes_on_when_a_title_is_removed()
    {
        using var disk = await SmallDisk.RequireAsync(DiskMegabytes);
        var film = Film();
        var server = await StartAsync(disk, Reserve);
        try
        {
            // Room for the film and for about half of what is made of it.
            var ballast = await UploadAsync(server, Ballast(disk.FreeBytes - Reserve - new FileInfo(film).Length - (2 * Megabyte)));
            (await FetchAsync(server, ballast, 1)).StatusCode.ShouldBe(HttpStatusCode.OK); // Watched: its files are open.
            var title = await UploadAsync(server, film);

            var job = await JobAsync(server, title, j => j.Text("state") == "queued" && Reason(j).Contains("the disk is full", StringComparison.Ordinal));
            Reason(job).ShouldContain("remove titles");
            await AssertHalfAsync(server, disk, title);
            disk.FreeBytes.ShouldBeGreaterThan(Reserve - (5 * Megabyte), "the reserve was used for chunks");

            // Killed and started again while there is no room.
            server.Dispose();
            server = await StartAsync(disk, Reserve);
            await JobAsync(server, title, j => Reason(j).Contains("the disk is full", StringComparison.Ordinal));
            await AssertHalfAsync(server, disk, title);

            using (var removed = await server.Http.DeleteAsync($"/api/v1/media/{ballast.Id}", Ct))
            {
                removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            }

            await AssertDoneAsync(server, disk, title);
        }
        finally
        {
            server.Dispose();
        }
    }

    [Fact]
    public async Task A_disk_that_others_fill_to_the_last_byte_loses_nothing_and_titles_can_be_removed()
    {
        using var disk = await SmallDisk.RequireAsync(DiskMegabytes);
        using var server = await StartAsync(disk, 0);
        var other = await UploadAsync(server, Ballast(Megabyte));
        var title = await UploadAsync(server, Film());
        (await Eventually.Holds(() => Directory.GetFiles(Path.Combine(disk.Seen, "media", title.Id), "*.m4s").Length > 0)).ShouldBeTrue();
        disk.Fill("stranger");

        await JobAsync(server, title, j => Reason(j).Contains("the disk is full", StringComparison.Ordinal));
        (await Eventually.Holds(async () =>
        {
            using var missing = await FetchAsync(server, title, Chunks);
            return missing.StatusCode == HttpStatusCode.ServiceUnavailable && missing.Headers.RetryAfter is not null;
        })).ShouldBeTrue();
        using (var health = await server.Http.GetAsync("/health", Ct))
        {
            health.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using (var removed = await server.Http.DeleteAsync($"/api/v1/media/{other.Id}", Ct))
        {
            removed.StatusCode.ShouldBe(HttpStatusCode.NoContent, await removed.Content.ReadAsStringAsync(Ct));
        }

        (await server.LibraryAsync()).ShouldBe([title.Id]);
        File.Delete(Path.Combine(disk.Seen, "stranger"));
        await AssertDoneAsync(server, disk, title);
    }

    /// <summary>What was published plays, what was not is told, and there is nothing else.</summary>
    private async Task AssertHalfAsync(ServerProcess server, SmallDisk disk, Title title)
    {
        var published = await PublishedAsync(disk, title);
        var numbers = published.Where(c => c.Rendition == "v0").Select(c => c.Number).ToList();
        numbers.Count.ShouldBeInRange(1, Chunks - 1);
        foreach (var chunk in published.Where(c => c.Rendition == "v0"))
        {
            using var answer = await FetchAsync(server, title, chunk.Number);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            SHA256.HashData(await answer.Content.ReadAsByteArrayAsync(Ct)).ShouldBe(chunk.Sha256);
        }

        var missing = Enumerable.Range(1, Chunks).Except(numbers).Last();
        using (var answer = await FetchAsync(server, title, missing))
        {
            answer.Headers.RetryAfter.ShouldNotBeNull();
            (await answer.ShouldBeProblemAsync(503, "segment-pending")).Text("detail").ShouldContain("the disk is full");
        }

        var folder = Path.Combine(disk.Seen, "media", title.Id);
        (await Eventually.Holds(async () =>
        {
            var rows = (await PublishedAsync(disk, title)).Select(c => (Name(c), (long)c.SizeBytes));
            return new DirectoryInfo(folder).GetFiles("*.m4s").Select(f => (f.Name, f.Length)).Order().SequenceEqual(rows.Order());
        })).ShouldBeTrue("there are objects that nobody knows of");
        (await Eventually.Holds(() => Directory.GetFileSystemEntries(Path.Combine(disk.Seen, "stage")).Length == 0)).ShouldBeTrue();
    }

    private async Task AssertDoneAsync(ServerProcess server, SmallDisk disk, Title title)
    {
        var job = await JobAsync(server, title, j => j.Text("state") is "done" or "failed");
        (job.Text("state"), Reason(job)).ShouldBe(("done", ""));
        foreach (var chunk in Enumerable.Range(1, Chunks))
        {
            using var answer = await FetchAsync(server, title, chunk);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Directory.GetFiles(Path.Combine(disk.Seen, "media", title.Id), "*.m4s").ShouldBeEmpty();
        await using var catalog = new SqliteConnection($"Data Source={CopyCatalog(disk)};Pooling=False");
        await catalog.OpenAsync(Ct);
        await using var check = catalog.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        (await check.ExecuteScalarAsync(Ct)).ShouldBe("ok");
    }

    private static Task<ServerProcess> StartAsync(SmallDisk disk, int reserve) => ServerProcess.StartAsync(
        disk.Folder, disk, ("SLUICE__STORAGE__RESERVEBYTES", reserve.ToString(CultureInfo.InvariantCulture)), ("SLUICE__LADDER", "240"), ("SLUICE__TRANSCODE__CHUNKSECONDS", "4"),
        ("SLUICE__TRANSCODE__LADDERFORCOPIED", "false"));

    /// <summary>A minute that needs encoding, and as many bits as it may have.</summary>
    private string Film()
    {
        var path = Path.Combine(_folder.FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=426x240:r=25 -f lavfi -i sine=440:r=48000 -t 60 -vf noise=alls=30:allf=t -c:v mpeg4 -b:v 400k -g 25 -c:a libmp3lame -b:a 64k", path);
        return path;
    }

    /// <summary>A title that plays as it is, as large as is asked for: a box that says nothing fills it up (ISO/IEC 14496-12 section 8.1.2).</summary>
    private string Ballast(long bytes)
    {
        var path = Path.Combine(_folder.FullName, "ballast.mp4");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 8 -c:v libx264 -preset ultrafast -pix_fmt yuv420p", path);
        using var file = File.Open(path, FileMode.Append);
        var box = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(box, (int)(bytes - file.Length));
        "free"u8.CopyTo(box.AsSpan(4));
        file.Write(box);
        file.Write(new byte[bytes - file.Length]);
        return path;
    }

    private static async Task<Title> UploadAsync(ServerProcess server, string file)
    {
        await using var stream = File.OpenRead(file);
        using var form = new MultipartFormDataContent { { new StreamContent(stream), "media", Path.GetFileName(file) } };
        using var answer = await server.Http.PostAsync("/api/v1/media", form, Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Ct));
        var media = await answer.JsonAsync();
        return new Title(media.Text("id"), new Uri(media.GetProperty("playback").Text("hls")).PathAndQuery);
    }

    private static async Task<HttpResponseMessage> FetchAsync(ServerProcess server, Title title, int chunk)
    {
        var master = new Uri(server.Http.BaseAddress!, title.Hls);
        var media = new Uri(master, (await server.Http.GetStringAsync(master, Ct)).Split('\n').First(l => l.Contains("/v0/index.m3u8", StringComparison.Ordinal)));
        var first = (await server.Http.GetStringAsync(media, Ct)).Split('\n').First(l => l.StartsWith("1.m4s", StringComparison.Ordinal));
        return await server.Http.GetAsync(new Uri(media, $"{chunk}{first[1..]}"), Ct);
    }

    private static async Task<JsonElement> JobAsync(ServerProcess server, Title title, Func<JsonElement, bool> holds)
    {
        var job = default(JsonElement);
        (await Eventually.Holds(async () =>
        {
            var jobs = await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/jobs?asset=" + title.Id, Ct);
            job = jobs.GetProperty("items").EnumerateArray().Single(j => j.Text("kind") == "encode");
            return holds(job);
        })).ShouldBeTrue(job.ToString());
        return job;
    }

    private static string Reason(JsonElement job) => job.GetProperty("reason").GetString() ?? "";

    private static string Name(ChunkRow chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"{chunk.Rendition}-{chunk.Number}.{chunk.Maker}.m4s");

    private async Task<IReadOnlyList<ChunkRow>> PublishedAsync(SmallDisk disk, Title title)
    {
        using var catalog = new SqliteCatalog(CopyCatalog(disk));
        AssetId.TryParse(title.Id, null, out var asset).ShouldBeTrue();
        return await catalog.ListChunksAsync(asset, Ct);
    }

    /// <summary>A copy of the catalog as it is now: SQLite itself would follow the way to the disk back to where this process is.</summary>
    private string CopyCatalog(SmallDisk disk)
    {
        var copy = Path.Combine(_folder.CreateSubdirectory($"catalog-{Guid.NewGuid():N}").FullName, "catalog.db");
        foreach (var part in (string[])["", "-wal"])
        {
            if (File.Exists(Path.Combine(disk.Seen, "catalog.db" + part)))
            {
                File.Copy(Path.Combine(disk.Seen, "catalog.db" + part), copy + part);
            }
        }

        return copy;
    }

    private sealed record Title(string Id, string Hls);
}
