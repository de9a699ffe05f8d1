using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary><c>sluice add</c> of a large file over a line that breaks, to a server that is killed, from a program that is killed.</summary>
public sealed class AddInPiecesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-pieces-").FullName;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_same_command_goes_on_where_it_was_killed()
    {
        Directory.CreateDirectory(Data);
        var film = await NoisyFilm.MakeAsync(Path.Combine(_folder, "film.mp4"), seconds: 4);
        var size = new FileInfo(film).Length;
        size.ShouldBeGreaterThan(8L << 20);
        await using var line = new CuttingProxy(400_000, 900_000);
        string[] arguments = ["add", film, "--server", $"http://127.0.0.1:{line.Port}", "--title", "Of the line", "--data", _folder];
        var home = new Dictionary<string, string> { ["XDG_DATA_HOME"] = Path.Combine(_folder, "home") };

        using (var first = await ServerProcess.StartAsync(Data))
        {
            line.Target = first.Http.BaseAddress!.Port;
            await using var killed = SluiceProcess.Start(arguments, home);
            (await Eventually.Holds(() => Task.FromResult(line.Passed > size / 3))).ShouldBeTrue(killed.Errors);
            System.Diagnostics.Process.GetProcessById(killed.Id).Kill();
            first.Kill();
        }

        using var second = await ServerProcess.StartAsync(Data);
        line.Target = second.Http.BaseAddress!.Port;
        var (code, output, errors) = await SluiceProcess.RunAsync(arguments, home);

        code.ShouldBe(0, errors);
        errors.ShouldContain("its admin key, shown only now, is admin_");
        output.Trim().ShouldMatch("^http://127.0.0.1:[0-9]+/watch/[0-9a-z]{16}\\?token=");
        line.Cuts.ShouldBeGreaterThan(5);
        line.Passed.ShouldBeLessThan(size * 5 / 4, "what was sent before is not sent again");
        var id = (await second.LibraryAsync()).ShouldHaveSingleItem();
        using var media = JsonDocument.Parse(await second.Http.GetStringAsync($"/api/v1/media/{id}"));
        await using var source = File.OpenRead(film);
        media.RootElement.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(await SHA256.HashDataAsync(source)));
        media.RootElement.GetProperty("title").GetString().ShouldBe("Of the line");
        (await File.ReadAllTextAsync(Path.Combine(home["XDG_DATA_HOME"], "sluice", "uploads.json"))).ShouldBe("[]");
    }

    [Fact]
    public async Task A_file_that_cannot_be_played_is_refused_in_the_servers_words()
    {
        Directory.CreateDirectory(Data);
        var junk = Path.Combine(_folder, "junk.bin");
        await File.WriteAllBytesAsync(junk, new byte[9 << 20]);
        using var server = await ServerProcess.StartAsync(Data);
        var (code, output, errors) = await SluiceProcess.RunAsync(
            ["add", junk, "--server", server.Http.BaseAddress!.ToString(), "--data", _folder],
            new() { ["XDG_DATA_HOME"] = Path.Combine(_folder, "home") });
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("sluice: junk.bin:");
    }
}
