using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>The real program, killed while it downloads.</summary>
public sealed class ImportKillTests
{
    private const int Piece = 20 << 20;

    [Fact]
    public async Task A_server_that_is_killed_goes_on_and_loses_at_most_what_it_had_not_written_down()
    {
        var film = Film();
        await using var origin = await Origin.StartAsync();
        origin.Content = film;
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            string? id = null;
            for (var held = Piece; held < film.Length; held += Piece)
            {
                var asked = origin.Asked.Count;
                origin.HoldsAfter = Piece;
                using var doomed = await StartAsync(data);
                id ??= await AskAsync(doomed, origin.Url);
                (await Eventually.Holds(() => origin.Asked.Count > asked && LengthOf(data, id) >= SafeOf(origin) + Piece)).ShouldBeTrue();
                doomed.Kill();
            }

            origin.HoldsAfter = null;
            using var last = await StartAsync(data);
            var done = default(JsonElement);
            (await Eventually.Holds(
                async () => (done = await last.Http.GetFromJsonAsync<JsonElement>($"/api/v1/imports/{id}")).Text("state") is "done" or "failed")).ShouldBeTrue();

            done.Text("state").ShouldBe("done", done.ToString());
            SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(data, "media", id!, "source"))).ShouldBe(SHA256.HashData(film));
            (await last.LibraryAsync()).ShouldBe([id!]);
            origin.Asked.Skip(1).ShouldAllBe(range => range.Length > 0);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Two seconds of picture, and fifty megabytes that players pass over (a <c>free</c> box, ISO/IEC 14496-12 section 8.1.2).</summary>
    private static byte[] Film()
    {
        var path = Path.Combine(Path.GetTempPath(), $"sluice-test-{Guid.NewGuid():N}.mp4");
        Ffmpeg.Run($"-f lavfi -i testsrc2=s=160x120:d=2:r=25 -pix_fmt yuv420p -c:v libx264 {path}");
        var clip = File.ReadAllBytes(path);
        File.Delete(path);
        var free = new byte[50 << 20];
        new Random(1).NextBytes(free);
        BinaryPrimitives.WriteInt32BigEndian(free, free.Length);
        "free"u8.CopyTo(free.AsSpan(4));
        return [.. clip, .. free];
    }

    private static Task<ServerProcess> StartAsync(string data) => ServerProcess.StartAsync(data, null, ("SLUICE__OUTBOUND__ALLOW", "127.0.0.1/32"));

    private static async Task<string> AskAsync(ServerProcess server, string url)
    {
        using var response = await server.Http.PostAsJsonAsync("/api/v1/imports", new { url });
        response.EnsureSuccessStatusCode();
        return (await response.JsonAsync()).Text("id");
    }

    /// <summary>Where the newest answer began.</summary>
    private static long SafeOf(Origin origin) =>
        origin.Asked[^1] is { Length: > 0 } range ? long.Parse(range["bytes=".Length..^1], null) : 0;

    private static long LengthOf(string data, string id) => new FileInfo(Path.Combine(data, "imports", id)) is { Exists: true } file ? file.Length : 0;
}
