using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary><c>sluice add URL</c>: the server fetches, the program follows.</summary>
public sealed class AddAddressTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-address-").FullName;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_address_becomes_a_watch_link_although_the_server_is_killed_meanwhile()
    {
        await using var origin = await OriginAsync();
        origin.HoldsAfter = origin.Content.Length / 2;
        var server = await StartAsync();
        await using var line = new CuttingProxy(int.MaxValue - 1, int.MaxValue) { Target = server.Http.BaseAddress!.Port };
        await using var add = SluiceProcess.Start(["add", origin.Url, "--server", $"http://127.0.0.1:{line.Port}", "--title", "Fetched", "--data", _folder]);
        await UntilItRunsAsync(server, add);

        line.Target = 0;
        server.Kill();
        server.Dispose();
        origin.LetGo.SetResult();
        server = await StartAsync();
        using var second = server;
        line.Target = server.Http.BaseAddress!.Port;

        (await add.ExitAsync()).ShouldBe(0, add.Errors);
        add.Output.Trim().ShouldMatch("^http://127.0.0.1:[0-9]+/watch/[0-9a-z]{16}\\?token=");
        add.Errors.ShouldNotContain("s3cret");
        add.Errors.ShouldNotContain("admin key");
        var id = (await server.LibraryAsync()).ShouldHaveSingleItem();
        using var media = JsonDocument.Parse(await server.Http.GetStringAsync($"/api/v1/media/{id}"));
        media.RootElement.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(origin.Content)));
        media.RootElement.GetProperty("title").GetString().ShouldBe("Fetched");
    }

    [Fact]
    public async Task One_that_fails_is_told_in_the_servers_words_and_the_next_is_tried()
    {
        await using var origin = await OriginAsync();
        origin.Statuses.Enqueue(404);
        using var server = await StartAsync();
        var (code, output, errors) = await SluiceProcess.RunAsync(
            ["add", origin.Url, "http://169.254.169.254/latest", origin.Url, "--server", server.Http.BaseAddress!.ToString(), "--data", _folder]);

        code.ShouldBe(1);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("/watch/");
        errors.ShouldContain($"sluice: {origin.Url[..origin.Url.IndexOf('?')]}: The other server answered with status 404.");
        errors.ShouldContain("sluice: http://169.254.169.254/latest: ");
        errors.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task It_tells_what_is_waited_for_and_how_far_it_is_and_has_an_exit_code_for_what_does_not_play()
    {
        const string import = """{"id":"i","source":"http://x/a.mov",""";
        Queue<string> answers = new(
        [
            import + "\"state\":\"queued\",\"bytes\":0,\"reason\":\"There is no room yet.\"}",
            import + "\"state\":\"queued\",\"bytes\":0,\"reason\":\"There is no room yet.\"}",
            import + "\"state\":\"running\",\"bytes\":0,\"totalBytes\":2000000}",
            import + "\"state\":\"running\",\"bytes\":1100000,\"totalBytes\":2000000}",
            import + "\"state\":\"done\",\"bytes\":2000000,\"totalBytes\":2000000,\"mediaId\":\"m\"}",
        ]);
        await using var server = await ApiStub.StartAsync(context => context.Request.Path.Value switch
        {
            "/api/v1/imports" => ApiStub.JsonAsync(context, 202, import + "\"state\":\"queued\",\"bytes\":0}"),
            "/api/v1/imports/i" => ApiStub.JsonAsync(context, 200, answers.Dequeue()),
            "/api/v1/media/m" => ApiStub.JsonAsync(context, 200, """{"id":"m","state":"needs-transcode","reason":"video prores: browsers cannot play it"}"""),
            _ => ApiStub.ProblemAsync(context, 404, "nothing here", "look elsewhere"),
        });
        var (code, output, errors) = await SluiceProcess.RunAsync(["add", "http://x/a.mov", "--server", server.Url.ToString()]);

        code.ShouldBe(2, errors);
        output.ShouldBeEmpty();
        errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "http://x/a.mov: There is no room yet.",
            "http://x/a.mov: 50 % of 2.0 MB",
            "http://x/a.mov: 100 % of 2.0 MB",
            "http://x/a.mov is kept but cannot be played yet: video prores: browsers cannot play it",
        ]);
    }

    [Fact]
    public async Task Stopped_it_leaves_the_fetching_to_the_server_and_follows_it_again()
    {
        await using var origin = await OriginAsync();
        origin.HoldsAfter = origin.Content.Length / 2;
        using var server = await StartAsync();
        await using var line = new CuttingProxy(int.MaxValue - 1, int.MaxValue) { Target = server.Http.BaseAddress!.Port };
        string[] arguments = ["add", origin.Url, "--server", $"http://127.0.0.1:{line.Port}", "--data", _folder];
        await using (var stopped = SluiceProcess.Start(arguments))
        {
            await UntilItRunsAsync(server, stopped);
            await stopped.SignalAsync("INT");
            (await stopped.ExitAsync()).ShouldBe(130);
            stopped.Errors.ShouldContain("The server goes on fetching it.");
        }

        // It follows it when it has asked several times; were it done before, it would be another import.
        var asked = line.Passed;
        await using var again = SluiceProcess.Start(arguments);
        (await Eventually.Holds(() => line.Passed > asked + 700)).ShouldBeTrue(again.Errors);
        origin.LetGo.SetResult();
        (await again.ExitAsync()).ShouldBe(0, again.Errors);
        again.Output.ShouldContain("/watch/");
        (await server.LibraryAsync()).Count.ShouldBe(1, "it was the same import");
    }

    /// <summary>Waits until the server has begun to fetch what the program told it to.</summary>
    private static async Task UntilItRunsAsync(ServerProcess server, SluiceProcess add) => (await Eventually.Holds(
        async () => (await server.Http.GetStringAsync("/api/v1/imports")).Contains("\"running\"", StringComparison.Ordinal))).ShouldBeTrue(add.Errors);

    private Task<ServerProcess> StartAsync()
    {
        Directory.CreateDirectory(Data);
        return ServerProcess.StartAsync(Data, null, ("SLUICE__OUTBOUND__ALLOW", "127.0.0.1/32"));
    }

    private async Task<Origin> OriginAsync()
    {
        var origin = await Origin.StartAsync();
        origin.Content = await File.ReadAllBytesAsync(await NoisyFilm.MakeAsync(Path.Combine(_folder, "film.mp4"), seconds: 2));
        return origin;
    }
}
