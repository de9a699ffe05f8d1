using System.Globalization;
using System.Text.Json;

namespace Sluice.Bench.Measurements;

/// <summary>How fast bytes come in, in one request and in pieces, beside nginx's WebDAV PUT of the same file; and what many at once cost in memory.</summary>
internal static class UploadsBench
{
    private const int Rounds = 9;
    private const int Together = 50;
    private const long MostAdded = 100_000_000;
    private const string Boundary = "sluice-bench";

    public static async Task RunAsync(Workshop workshop, Report report)
    {
        var film = await workshop.Films.FilmAsync();
        var size = new FileInfo(film).Length;
        await using var nginx = await NginxServer.StartAsync(workshop);
        await using var quick = await StartAsync(workshop, durable: false);
        await using var durable = await StartAsync(workshop, durable: true);
        var ways = new Dictionary<string, Func<Task<double>>>(StringComparer.Ordinal)
        {
            ["nginx PUT"] = () => PutAsync(nginx, film),
            ["tus PATCH"] = () => TusAsync(quick, film),
            ["multipart"] = () => FormAsync(quick, film),
            ["tus PATCH, flushed to the platter"] = () => TusAsync(durable, film),
        };
        var took = ways.Keys.ToDictionary(name => name, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var name in round % 2 == 0 ? ways.Keys : ways.Keys.Reverse())
            {
                // What one of them left for the disk to do must not be done in another's time.
                await Tool.RunAsync("sync", []);
                var seconds = await ways[name]();
                if (round > 0)
                {
                    took[name].Add(seconds);
                }
            }
        }

        var nginxRate = size / 1e6 / took["nginx PUT"].Median();
        foreach (var name in (string[])["tus PATCH", "multipart"])
        {
            var ratio = took["nginx PUT"].Zip(took[name], (theirs, ours) => theirs / ours).Median();
            report.Bar($"{name} ≥ 0.9× nginx's PUT", ratio >= 0.9, Number(ratio) + "×");
        }

        var tus = await ManyAsync(workshop, PatchAsync);
        report.Bar($"{Together} tus uploads at once ≤ 100 MB above idle", tus.Added <= MostAdded, Megabytes(tus.Added));
        var forms = await ManyAsync(workshop, PostAsync);
        report.Bar($"{Together} multipart uploads at once ≤ 100 MB above idle", forms.Added <= MostAdded, Megabytes(forms.Added));
        report.Text($"One hour of 720p, {size / 1e9:F2} GB, over loopback in one request from the page cache (`sendfile`); medians of {Rounds} rounds, the four "
            + "in turn, the order reversed every other round, the disk at rest before each. The clock runs from the first byte of the request to "
            + "the answer: at nginx's the file is there, at Sluice's it is hashed (SHA-256) and packaged besides. nginx flushes nothing to the platter; "
            + "the first two of ours do not either (`ingest.durable: false`), the last one does, as is the default.");
        report.Table(["", "seconds", "MB/s", "to nginx"], took.Select(t => (string[])
        [
            t.Key, Number(t.Value.Median()), (size / 1e6 / t.Value.Median()).ToString("F0", CultureInfo.InvariantCulture),
            Number(size / 1e6 / t.Value.Median() / nginxRate) + "×",
        ]));
        report.Text($"{Together} uploads of a two-minute clip at once, each in one request, to a server of their own: resident memory before, and at its "
            + $"highest: tus {Megabytes(tus.Idle)} and {Megabytes(tus.Peak)}, multipart {Megabytes(forms.Idle)} and {Megabytes(forms.Peak)}.");
    }

    private static Task<SluiceServer> StartAsync(Workshop workshop, bool durable) => SluiceServer.StartAsync(
        workshop, workshop.NewFolder(),
        [("SLUICE__INGEST__DURABLE", durable ? "true" : "false"), ("SLUICE__INGEST__MAXUPLOADSPERCLIENT", "64"), ("SLUICE__TRANSCODE__ENABLED", "false")]);

    private static async Task<double> PutAsync(NginxServer nginx, string film)
    {
        var took = await RawUpload.SendAsync(nginx.Address, "PUT /put/film.mp4 HTTP/1.1\r\n", film, "", "", 201);
        File.Delete(Path.Combine(nginx.Folder, "put", "film.mp4"));
        return took.TotalSeconds;
    }

    private static async Task<double> FormAsync(SluiceServer server, string film)
    {
        var took = await PostAsync(server, film);
        await RemoveAllAsync(server);
        return took.TotalSeconds;
    }

    private static Task<TimeSpan> PostAsync(SluiceServer server, string film) => RawUpload.SendAsync(
        server.Http.BaseAddress!, $"POST /api/v1/media HTTP/1.1\r\nContent-Type: multipart/form-data; boundary={Boundary}\r\n", film,
        $"--{Boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"film.mp4\"\r\n\r\n", $"\r\n--{Boundary}--\r\n", 201);

    private static async Task<double> TusAsync(SluiceServer server, string film)
    {
        var took = await PatchAsync(server, film);
        await RemoveAllAsync(server);
        return took.TotalSeconds;
    }

    private static async Task<TimeSpan> PatchAsync(SluiceServer server, string film)
    {
        using var announcement = new HttpRequestMessage(HttpMethod.Post, "api/v1/uploads");
        announcement.Headers.Add("Tus-Resumable", "1.0.0");
        announcement.Headers.Add("Upload-Length", new FileInfo(film).Length.ToString(CultureInfo.InvariantCulture));
        using var announced = await server.Http.SendAsync(announcement);
        return await RawUpload.SendAsync(
            server.Http.BaseAddress!,
            $"PATCH {announced.Headers.Location} HTTP/1.1\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n",
            film, "", "", 204);
    }

    private static async Task<Memory> ManyAsync(Workshop workshop, Func<SluiceServer, string, Task<TimeSpan>> send)
    {
        var clip = await workshop.Films.ClipAsync();
        await using var server = await StartAsync(workshop, durable: false);
        await send(server, clip);
        await Task.Delay(TimeSpan.FromSeconds(2));
        var idle = ProcessFacts.ResidentBytes(server.Pid);
        await Task.WhenAll(Enumerable.Range(0, Together).Select(_ => Task.Run(() => send(server, clip))));
        return new Memory(idle, ProcessFacts.PeakBytes(server.Pid));
    }

    private static async Task RemoveAllAsync(SluiceServer server)
    {
        using var library = JsonDocument.Parse(await server.Http.GetStringAsync("api/v1/media"));
        foreach (var item in library.RootElement.GetProperty("items").EnumerateArray())
        {
            (await server.Http.DeleteAsync($"api/v1/media/{item.GetProperty("id").GetString()}")).Dispose();
        }
    }

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("F0", CultureInfo.InvariantCulture) + " MB";

    /// <summary>Resident bytes of a server before its work, and at its highest.</summary>
    private readonly record struct Memory(long Idle, long Peak)
    {
        public long Added => Peak - Idle;
    }
}
