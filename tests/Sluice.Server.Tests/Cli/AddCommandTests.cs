using Shouldly;
using Xunit;

namespace Sluice.Server.Tests.Cli;

public sealed class AddCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-add").FullName;

    [Fact]
    public async Task Links_go_to_stdout_and_the_rest_to_stderr()
    {
        var number = 0;
        await using var server = await ApiStub.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            number++;
            await ApiStub.JsonAsync(context, 201, $$$"""{"id":"id{{{number}}}","adminKey":"key","playback":{"watch":"http://x/{{{number}}}"}}""");
        });

        var (code, output, errors) = await SluiceProcess.RunAsync(["add", Write("a.mp4"), Write("b.mp4"), "--server", server.Url.ToString()]);

        code.ShouldBe(0);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["http://x/1", "http://x/2"]);
        errors.ShouldContain("a.mp4: 100 % of 0.5 MB");
        errors.ShouldContain("b.mp4 is published as id2; its admin key, shown only now, is key");
    }

    [Fact]
    public async Task A_running_server_is_found_by_its_data_folder()
    {
        await using var server = await ApiStub.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await ApiStub.JsonAsync(context, 201, """{"id":"i","playback":{"watch":"http://x/1"}}""");
        });
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.json"), $$"""{"url":"{{server.Url}}","pid":1}""");

        var (code, output, _) = await SluiceProcess.RunAsync(["add", Write("a.mp4"), "--data", _folder]);

        code.ShouldBe(0);
        output.Trim().ShouldBe("http://x/1");
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_servers_words()
    {
        await using var server = await ApiStub.StartAsync(context =>
            ApiStub.ProblemAsync(context, 415, "This is a text file.", "Send a video."));

        var (code, output, errors) = await SluiceProcess.RunAsync(["add", Write("a.mp4"), "--server", server.Url.ToString()]);

        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("sluice: a.mp4: This is a text file.");
        errors.ShouldContain("Send a video.");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task What_is_taken_but_does_not_play_has_its_own_exit_code()
    {
        await using var server = await ApiStub.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await ApiStub.JsonAsync(context, 201, """{"id":"i","playback":null,"reason":"video prores: browsers cannot play it"}""");
        });

        var (code, _, errors) = await SluiceProcess.RunAsync(["add", Write("a.mov"), "--server", server.Url.ToString()]);

        code.ShouldBe(2);
        errors.ShouldContain("a.mov is kept but cannot be played yet: video prores: browsers cannot play it");
    }

    [Fact]
    public async Task A_refusal_of_one_file_does_not_keep_the_others_out()
    {
        await using var server = await ApiStub.StartAsync(async context =>
        {
            var name = (await context.Request.ReadFormAsync()).Files[0].FileName;
            await (name switch
            {
                "a.txt" => ApiStub.ProblemAsync(context, 415, "This is a text file.", "Send a video."),
                "b.mov" => ApiStub.JsonAsync(context, 201, """{"id":"i","playback":null,"reason":"video prores"}"""),
                _ => ApiStub.JsonAsync(context, 201, """{"id":"i","playback":{"watch":"http://x/1"}}"""),
            });
        });

        var (code, output, errors) = await SluiceProcess.RunAsync(
            ["add", Write("a.txt"), Path.Combine(_folder, "none.mp4"), Write("b.mov"), Write("c.mp4"), "--server", server.Url.ToString()]);

        code.ShouldBe(1); // a refusal is worse than a file that is kept but does not play
        output.Trim().ShouldBe("http://x/1");
        errors.ShouldContain("sluice: a.txt: This is a text file.");
        errors.ShouldContain("sluice: none.mp4: There is no such file.");
        errors.ShouldContain("b.mov is kept but cannot be played yet: video prores");
    }

    [Theory]
    [InlineData("no-such-file.mp4", "http://127.0.0.1:1", "no-such-file.mp4: There is no such file.")]
    [InlineData(null, "ftp://x", "'ftp://x' is no address of a server.")]
    [InlineData(null, "http://127.0.0.1:1", "No server answers at http://127.0.0.1:1.")]
    public async Task What_cannot_work_is_one_line(string? file, string server, string message)
    {
        var (code, _, errors) = await SluiceProcess.RunAsync(["add", file ?? Write("a.mp4"), "--server", server]);

        code.ShouldBe(1);
        errors.ShouldStartWith($"sluice: {message}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, new byte[500_000]);
        return path;
    }
}
