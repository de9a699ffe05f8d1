using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Robustness;

/// <summary>kill -9 of the server while it encodes: what was published stays as it was, nothing runs on, and the job comes to its
/// end. Fifty kills of one job are <c>./dev bench encode-kill</c>.</summary>
public sealed class EncodeKillTests : IDisposable
{
    private const int Kills = 3;

    private readonly string _data = Directory.CreateTempSubdirectory("sluice-encode-kill-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Killed_while_it_encodes()
    {
        var film = Path.Combine(_data, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=440:r=48000 -t 60 -vf noise=alls=10:allf=t -c:v mpeg4 -q:v 6 -c:a libmp3lame", film);
        var server = await ServerProcess.StartAsync(_data);
        try
        {
            var (id, hls) = await UploadAsync(server, film);
            var folder = Path.Combine(_data, "media", id);
            IReadOnlyList<ChunkRow> before = [];
            var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var kill = 1; kill <= Kills; kill++)
            {
                (await Eventually.Holds(() => Directory.EnumerateFiles(folder, "*.m4s").Count() >= kill * 2)).ShouldBeTrue("no chunk was made");
                await FetchAsync(server, hls, hashes, onlyFirst: true);
                server.Kill();
                server.Dispose();
                (await Eventually.Holds(() => Encoders().Count == 0)).ShouldBeTrue("an encoder outlived the server");

                var now = await ChunksAsync(id);
                foreach (var chunk in before)
                {
                    var same = now.FirstOrDefault(c => c.Rendition == chunk.Rendition && c.Number == chunk.Number).ShouldNotBeNull();
                    (same.Maker, Convert.ToHexString(same.Sha256)).ShouldBe((chunk.Maker, Convert.ToHexString(chunk.Sha256)));
                }

                foreach (var chunk in now)
                {
                    var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, Name(chunk)), TestContext.Current.CancellationToken);
                    SHA256.HashData(bytes).ShouldBe(chunk.Sha256, Name(chunk));
                }

                before = now;
                server = await ServerProcess.StartAsync(_data);
            }

            before.ShouldNotBeEmpty();
            (await DoneAsync(server)).ShouldBe("done");
            await FetchAsync(server, hls, hashes, onlyFirst: false);
            hashes.Count.ShouldBe(2 * 30);
            Directory.EnumerateFiles(folder, "*.m4s").ShouldBeEmpty();
        }
        finally
        {
            server.Dispose();
        }
    }

    private static string Name(ChunkRow chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"{chunk.Rendition}-{chunk.Number}.{chunk.Maker}.m4s");

    private async Task<IReadOnlyList<ChunkRow>> ChunksAsync(string id)
    {
        using var catalog = new SqliteCatalog(Path.Combine(_data, "catalog.db"));
        AssetId.TryParse(id, null, out var asset).ShouldBeTrue();
        return await catalog.ListChunksAsync(asset, TestContext.Current.CancellationToken);
    }

    private List<string> Encoders() =>
    [
        .. Process.GetProcessesByName("ffmpeg").Select(p =>
        {
            using (p)
            {
                try
                {
                    return File.ReadAllText($"/proc/{p.Id}/cmdline");
                }
                catch (IOException)
                {
                    return "";
                }
            }
        }).Where(line => line.Contains(_data, StringComparison.Ordinal)),
    ];

    private static async Task<(string Id, string Hls)> UploadAsync(ServerProcess server, string file)
    {
        await using var stream = File.OpenRead(file);
        using var form = new MultipartFormDataContent { { new StreamContent(stream), "media", "film.avi" } };
        using var answer = await server.Http.PostAsync("/api/v1/media", form);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (
            json.RootElement.GetProperty("id").GetString()!,
            new Uri(json.RootElement.GetProperty("playback").GetProperty("hls").GetString()!).PathAndQuery);
    }

    /// <summary>Fetches the first segment of each rendition, or all of them; each must be whole and what it was before.</summary>
    private static async Task FetchAsync(ServerProcess server, string hls, Dictionary<string, string> hashes, bool onlyFirst)
    {
        var master = new Uri(server.Http.BaseAddress!, hls);
        foreach (var line in (await server.Http.GetStringAsync(master)).Split('\n').Where(l => l.Contains("index.m3u8", StringComparison.Ordinal)))
        {
            var media = new Uri(master, line.Contains("URI=\"", StringComparison.Ordinal) ? line.Split("URI=\"")[1].Split('"')[0] : line);
            var segments = (await server.Http.GetStringAsync(media)).Split('\n').Where(l => l.Contains(".m4s", StringComparison.Ordinal) && l[0] != '#');
            foreach (var segment in onlyFirst ? segments.Take(1) : segments)
            {
                var address = new Uri(media, segment);
                using var answer = await server.Http.GetAsync(address);
                answer.StatusCode.ShouldBe(HttpStatusCode.OK, segment);
                var hash = Convert.ToHexString(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
                hashes.TryAdd(address.AbsolutePath, hash);
                hashes[address.AbsolutePath].ShouldBe(hash, segment);
            }
        }
    }

    private static async Task<string> DoneAsync(ServerProcess server)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            using var json = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/jobs?limit=1"));
            var state = json.RootElement.GetProperty("items")[0].GetProperty("state").GetString()!;
            if (state is not ("queued" or "running") || deadline.Elapsed > TimeSpan.FromMinutes(3))
            {
                return state;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }
}
