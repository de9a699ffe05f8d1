using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>Magnet links that cannot be imported are refused in words, and one of which nobody knows anything does not wait for ever.</summary>
public sealed class MagnetRefusalTests
{
    private const string Nobody = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=Nothing";

    [Fact]
    public async Task Without_an_engine_it_is_said_how_to_install_one()
    {
        await using var server = await ImportServer.StartAsync(options => options.Torrents.Python = "/nowhere/python3");
        using var answer = await ImportServer.PostAsync(server, Nobody);
        (await answer.ShouldBeProblemAsync(501, "torrents-missing")).Text("detail").ShouldContain("apt-get install python3-libtorrent");
    }

    [Fact]
    public async Task Switched_off_they_are_refused()
    {
        await using var server = await ImportServer.StartAsync(options => options.Torrents.Enabled = false);
        using var answer = await ImportServer.PostAsync(server, Nobody);
        (await answer.ShouldBeProblemAsync(501, "torrents-missing")).Text("detail").ShouldContain("torrents.enabled");
    }

    [Theory]
    [InlineData("magnet:?dn=nothing", "", "names no torrent")]
    [InlineData(Nobody, ""","file":-1""", "from 0")]
    [InlineData(Nobody, ""","file":"first" """, "from 0")]
    [InlineData("https://host.example/film.mp4", ""","file":0""", "magnet link")]
    public async Task What_makes_no_sense_is_refused(string url, string more, string words)
    {
        await using var server = await ImportServer.StartAsync();
        using var answer = await ImportServer.PostAsync(server, url, more);
        (await answer.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain(words);
    }

    [Fact]
    public async Task One_of_which_nobody_knows_anything_is_called_off_or_given_up_in_time()
    {
        await Seeder.RequirePythonAsync();
        await using var server = await ImportServer.StartAsync(options => options.Ingest.ImportMinutes = 1);

        var called = await ImportServer.AskAsync(server, Nobody);
        using (var off = await server.SendAsync(HttpMethod.Delete, $"/api/v1/imports/{called.Text("id")}"))
        {
            ((int)off.StatusCode).ShouldBe(204);
        }

        (await ImportServer.EndOfAsync(server, called)).Text("state").ShouldBe("cancelled");
        var failed = await ImportServer.EndAsync(server, Nobody);
        (failed.Text("state"), failed.Text("reason")).ShouldBe(("failed", "It took longer than 1 minutes (ingest.importMinutes)."));
        var scratch = Path.Combine(server.Data, "scratch");
        (await Eventually.Holds(() => !Directory.Exists(scratch) || !Directory.EnumerateFileSystemEntries(scratch).Any())).ShouldBeTrue();
    }
}
