using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>kill -9 at any moment of an upload in pieces: what was told is there, what was whole becomes exactly one title.</summary>
public sealed class UploadKillTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-upkill-").FullName;
    private readonly Random _random = new(11);

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Every_offset_that_was_told_is_there_after_a_kill()
    {
        var film = await File.ReadAllBytesAsync(await NoisyFilm.MakeAsync(Path.Combine(_data, "film.mp4"), seconds: 4));
        var (path, told) = ("", 0L);
        for (var round = 0; round < 8; round++)
        {
            using var server = await ServerProcess.StartAsync(_data);
            var tus = new TusCalls(server.Http);
            path = path.Length > 0 ? path : await tus.NewAsync(film.Length);
            var offset = await tus.OffsetAsync(path);
            offset.ShouldBeGreaterThanOrEqualTo(told);
            offset.ShouldBeLessThan(film.Length);
            if (offset > 0)
            {
                (await File.ReadAllBytesAsync(Path.Combine(_data, "uploads", TusCalls.IdOf(path))))[..(int)offset].ShouldBe(film[..(int)offset]);
            }

            var sending = SendAsync(tus, path, film, offset, film.Length * (round + 1) / 10, t => told = t);
            await Task.Delay(_random.Next(20, 150));
            server.Kill();
            await Record.ExceptionAsync(() => sending);
        }

        using var last = await ServerProcess.StartAsync(_data);
        var calls = new TusCalls(last.Http);
        await SendAsync(calls, path, film, await calls.OffsetAsync(path), film.Length, _ => { });
        await ShouldBeOneTitleAsync(last, path, film);
    }

    [Fact]
    public async Task Killed_while_parts_are_joined_and_published_it_becomes_one_title()
    {
        var film = await File.ReadAllBytesAsync(await NoisyFilm.MakeAsync(Path.Combine(_data, "film.mp4"), seconds: 4));
        var unanswered = 0;
        for (var round = 0; round < 4; round++)
        {
            string path;
            using (var server = await ServerProcess.StartAsync(_data))
            {
                var tus = new TusCalls(server.Http);
                var parts = new List<string>();
                foreach (var piece in film.Chunk((film.Length / 5) + 1))
                {
                    parts.Add(await tus.NewAsync(piece.Length, ("Upload-Concat", "partial")));
                    using var patched = await tus.PatchAsync(parts[^1], 0, piece);
                    patched.StatusCode.ShouldBe(HttpStatusCode.NoContent);
                }

                var joining = tus.SendAsync(HttpMethod.Post, TusCalls.Root, null, ("Upload-Concat", "final;" + string.Join(' ', parts)));
                await Task.Delay(round * 16);
                server.Kill();
                unanswered += await Record.ExceptionAsync(() => joining) is null ? 0 : 1;

                // A client whose answer was lost asks for the same once more.
                using var restarted = await ServerProcess.StartAsync(_data);
                var again = new TusCalls(restarted.Http);
                HttpResponseMessage? joined = null;
                (await Eventually.Holds(async () => (joined = await again.SendAsync(
                    HttpMethod.Post, TusCalls.Root, null, ("Upload-Concat", "final;" + string.Join(' ', parts)))).StatusCode == HttpStatusCode.Created)).ShouldBeTrue();
                path = TusCalls.PathOf(joined!);
                await ShouldBeOneTitleAsync(restarted, path, film, titles: round + 1);
                restarted.Kill();
            }
        }

        unanswered.ShouldBeGreaterThan(0, "no round was killed before its answer");
    }

    [Fact]
    public async Task Killed_between_the_last_byte_and_its_title_it_is_finished_at_the_next_start()
    {
        var film = await File.ReadAllBytesAsync(await NoisyFilm.MakeAsync(Path.Combine(_data, "film.mp4"), seconds: 4));
        var unanswered = 0;
        for (var round = 0; round < 4; round++)
        {
            string path;
            using (var server = await ServerProcess.StartAsync(_data))
            {
                var tus = new TusCalls(server.Http);
                path = await tus.NewAsync(film.Length);
                using var most = await tus.PatchAsync(path, 0, film[..^1000]);
                var last = tus.PatchAsync(path, film.Length - 1000, film[^1000..]);
                await Task.Delay(round * 10);
                server.Kill();
                unanswered += await Record.ExceptionAsync(() => last) is null ? 0 : 1;
            }

            using var restarted = await ServerProcess.StartAsync(_data);
            var again = new TusCalls(restarted.Http);
            if (await again.OffsetAsync(path) != film.Length)
            {
                using var rest = await again.PatchAsync(path, film.Length - 1000, film[^1000..]);
                rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            }

            await ShouldBeOneTitleAsync(restarted, path, film, titles: round + 1);
        }

        unanswered.ShouldBeGreaterThan(0, "no round was killed before its answer");
    }

    private static async Task SendAsync(TusCalls tus, string path, byte[] film, long offset, long end, Action<long> told)
    {
        while (offset < end)
        {
            var next = Math.Min(offset + 300_000, end);
            using var answer = await tus.PatchAsync(path, offset, film[(int)offset..(int)next]);
            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            offset = next;
            told(offset);
        }
    }

    private async Task ShouldBeOneTitleAsync(ServerProcess server, string path, byte[] film, int titles = 1)
    {
        var tus = new TusCalls(server.Http);
        HttpResponseMessage head = null!;
        (await Eventually.Holds(async () => (head = await tus.HeadAsync(path)).Headers.Contains("Sluice-Media-Id"))).ShouldBeTrue();
        (head.Header("Upload-Offset"), head.Header("Sluice-Media-Id")).ShouldBe(($"{film.Length}", TusCalls.IdOf(path)));
        using var media = JsonDocument.Parse(await server.Http.GetStringAsync($"/api/v1/media/{TusCalls.IdOf(path)}"));
        media.RootElement.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(film)));
        (await File.ReadAllBytesAsync(Path.Combine(_data, "media", TusCalls.IdOf(path), "source"))).ShouldBe(film);
        (await server.LibraryAsync()).Count.ShouldBe(titles);
        (await Eventually.Holds(() => !Directory.EnumerateFileSystemEntries(Path.Combine(_data, "uploads")).Any())).ShouldBeTrue();
    }
}
