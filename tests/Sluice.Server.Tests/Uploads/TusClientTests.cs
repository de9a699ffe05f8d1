using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>
/// The clients that everybody uses, unchanged, over a line that breaks every few hundred kilobytes, to a server that is killed ten times
/// meanwhile: what is stored at the end is the file, to the byte, and no byte that was told to be kept was taken twice.
/// </summary>
public sealed class TusClientTests : IDisposable
{
    private const int Kills = 10;

    private readonly string _data = Directory.CreateTempSubdirectory("sluice-tus-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData("tus-client.mjs", 1)]
    [InlineData("tus-client.mjs", 3)]
    [InlineData("uppy-client.mjs", 1)]
    [InlineData("uppy-client.mjs", 3)]
    public async Task A_file_gets_through(string script, int parallel)
    {
        var file = await NoisyFilm.MakeAsync(Path.Combine(_data, "film.mp4"), seconds: 5);
        var size = new FileInfo(file).Length;
        await using var line = new CuttingProxy(150_000, 600_000);
        var server = await StartAsync(line);
        using var client = StartClient(script, line.Port, file, parallel);
        var said = client.StandardOutput.ReadToEndAsync();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var next = line.Passed + (size / (Kills + 1));
            (await Eventually.Holds(() => Task.FromResult(line.Passed >= next || client.HasExited))).ShouldBeTrue($"kill {kill}");
            client.HasExited.ShouldBeFalse($"the client was done, or gave up, before kill {kill}: {await ErrorsAsync(client)}");
            server.Kill();
            server.Dispose();
            server = await StartAsync(line);
        }

        using var patience = new CancellationTokenSource(Eventually.Patience);
        await client.WaitForExitAsync(patience.Token);
        client.ExitCode.ShouldBe(0, await ErrorsAsync(client));
        var lines = (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        OffsetJournal.Settle(lines[..^1]).ShouldBe(size, "every byte was told to be kept once");
        var url = lines[^1];
        line.Cuts.ShouldBeGreaterThan(10);

        using var media = JsonDocument.Parse(await server.Http.GetStringAsync($"/api/v1/media/{TusCalls.IdOf(url)}"));
        await using var source = File.OpenRead(file);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(source));
        media.RootElement.GetProperty("sha256").GetString().ShouldBe(sha256);
        media.RootElement.GetProperty("title").GetString().ShouldBe("By a client");
        await using var stored = File.OpenRead(Path.Combine(_data, "media", TusCalls.IdOf(url), "source"));
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stored)).ShouldBe(sha256);
        (await server.LibraryAsync()).Count.ShouldBe(1, "one file is one title");
        Directory.EnumerateFileSystemEntries(Path.Combine(_data, "uploads")).ShouldBeEmpty();
        server.Dispose();
    }

    private async Task<ServerProcess> StartAsync(CuttingProxy line)
    {
        line.Target = 0;
        var server = await ServerProcess.StartAsync(_data);
        line.Target = server.Http.BaseAddress!.Port;
        return server;
    }

    private static Process StartClient(string script, int port, string file, int parallel)
    {
        Sluice.Tests.Tool.Require("node");
        var packages = RepositoryRoot.File("web/package.json");
        if (!Directory.Exists(RepositoryRoot.File("web/node_modules/@uppy/tus")))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs the packages of the web app (npm ci in web).");
            Assert.Fail("The packages of the web app are missing.");
        }

        return Process.Start(new ProcessStartInfo(
            "node", [RepositoryRoot.File($"tests/Sluice.Server.Tests/Uploads/{script}"), packages, $"http://127.0.0.1:{port}{TusCalls.Root}", file, $"{parallel}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
    }

    private static async Task<string> ErrorsAsync(Process client) => client.HasExited ? await client.StandardError.ReadToEndAsync() : "";
}
