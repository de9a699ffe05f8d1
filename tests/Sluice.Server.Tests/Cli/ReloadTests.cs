using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary>The configuration file changes under the program.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-reload").FullName;

    private string File => Path.Combine(_folder, "tv.yml");

    [Fact]
    public async Task Channels_are_read_again_when_the_file_changes_and_at_once_after_sighup()
    {
        Write("news");
        await using var server = SluiceProcess.Start(["serve", "-c", "tv.yml", "--port", "0"], folder: _folder);
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(Path.Combine(_folder, "data"))) };
        (await CountAsync(http)).ShouldBe(1);

        Write("news", "sport");
        (await Eventually.Holds(async () => await CountAsync(http) == 2)).ShouldBeTrue();

        Write("news", "sport", "weather");
        await server.SignalAsync("HUP");
        (await Eventually.Holds(async () => await CountAsync(http) == 3)).ShouldBeTrue();
        (await Eventually.Holds(() => server.Output.Contains("SIGHUP: tv.yml is read again", StringComparison.Ordinal))).ShouldBeTrue(server.Output);

        await System.IO.File.WriteAllTextAsync(File, "streams:\n  News: http://a.example/\n");
        await server.SignalAsync("HUP");
        const string refusal = "The channels stay as they were. tv.yml line 2: 'News' cannot be the name";
        (await Eventually.Holds(() => server.Output.Contains(refusal, StringComparison.Ordinal))).ShouldBeTrue();
        (await CountAsync(http)).ShouldBe(3);

        await server.SignalAsync("TERM");
        (await server.ExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_of_another_program_is_none_of_ours()
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "config.yml"), "jobs:\n  streams: 4\n");
        await using var server = SluiceProcess.Start(["serve", "--port", "0"], folder: _folder);
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(Path.Combine(_folder, "data"))) };

        (await CountAsync(http)).ShouldBe(0);
        server.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sluices_own_file_comes_before_StreamPipes()
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "config.yml"), "streams:\n  a: http://a.example/\n  b: http://b.example/\n");
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "sluice.yml"), "streams:\n  a: http://a.example/\n");
        await using var server = SluiceProcess.Start(["serve", "--port", "0"], folder: _folder);
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(Path.Combine(_folder, "data"))) };

        (await CountAsync(http)).ShouldBe(1);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<int> CountAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/health");
        return (await response.JsonAsync()).GetProperty("streams").GetInt32();
    }

    private void Write(params string[] names) =>
        System.IO.File.WriteAllText(File, "streams:\n" + string.Concat(names.Select(name => $"  {name}: http://{name}.example/live.m3u8\n")));
}
