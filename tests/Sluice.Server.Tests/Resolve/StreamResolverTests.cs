using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Processes;
using Xunit;

namespace Sluice.Server.Tests.Resolve;

/// <summary>Programs that know the stream behind a page, played by scripts, and as they are.</summary>
public sealed class StreamResolverTests : IDisposable
{
    private readonly ProgramFolder _programs = new();

    public StreamResolverTests() => Shell.RequireLinux();

    private static OutboundUrl Page => OutboundUrl.TryParse("http://page.example/watch?v=s3cret&u=--exec=x", out var url) ? url : null!;

    public void Dispose() => _programs.Dispose();

    [Theory]
    [InlineData("yt-dlp", "echo http://a.example/all.m3u8")]
    [InlineData("streamlink", """echo '{"streams":{"best":{"type":"hls","url":"http://a.example/all.m3u8"}}}'""")]
    public async Task The_playlist_behind_a_page_is_found(string program, string script)
    {
        _programs.Script(program, $"printf '%s\\n' \"$@\" > {_programs.File("arguments")}; echo $http_proxy $https_proxy > {_programs.File("proxies")}; {script}");

        var found = await _programs.Resolver().ResolveAsync(program, Page, default);

        (found.Stream?.Url.Secret, found.Problem).ShouldBe(("http://a.example/all.m3u8", null));
        var arguments = await File.ReadAllLinesAsync(_programs.File("arguments"));
        arguments[^2..].ShouldBe(["--", Page.Address.AbsoluteUri], "an address is an argument and never an option");
        arguments.ShouldAllBe(argument => !argument.Contains("sluice:"), "the way out is not for whoever reads command lines");
        (await File.ReadAllTextAsync(_programs.File("proxies"))).ShouldMatch(@"^(http://sluice:[0-9a-f]{32}@127\.0\.0\.1:\d+) \1$");
    }

    [Theory]
    [InlineData("yt-dlp")]
    [InlineData("streamlink")]
    public async Task A_program_that_is_missing_is_named_with_how_to_get_it(string program)
    {
        var found = await _programs.Resolver().ResolveAsync(program, Page, default);

        found.Stream.ShouldBeNull();
        found.Problem.ShouldNotBeNull().ShouldContain($"apt install {program}");
    }

    [Theory]
    [InlineData("yt-dlp", "echo 'ERROR: [x] Unable to open http://page.example/watch?v=s3cret: not live' >&2; exit 1", "yt-dlp says: ERROR: [x] Unable to open … not live")]
    [InlineData("streamlink", """echo '{"error":"No playable streams found on this URL: http://page.example/watch?v=s3cret"}'; exit 1""", "streamlink says: No playable streams found on this URL: …")]
    [InlineData("yt-dlp", "exit 3", "yt-dlp ended with exit code 3.")]
    [InlineData("yt-dlp", "echo nothing", "yt-dlp finds no HLS stream behind the page.")]
    public async Task Its_own_words_are_told_without_addresses(string program, string script, string problem)
    {
        _programs.Script(program, script);

        (await _programs.Resolver().ResolveAsync(program, Page, default)).ShouldBe(new(null, problem));
    }

    [Fact]
    public async Task A_program_that_prints_without_end_is_ended()
    {
        _programs.Script("yt-dlp", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");

        (await _programs.Resolver().ResolveAsync("yt-dlp", Page, default)).Problem.ShouldBe("yt-dlp was ended.");
    }

    [Fact]
    public async Task A_program_that_is_no_resolver_is_not_run()
    {
        _programs.Script("sh2", "echo http://a.example/all.m3u8");

        (await _programs.Resolver().ResolveAsync("sh2", Page, default)).Problem.ShouldBe("There is no resolver 'sh2': yt-dlp or streamlink.");
    }

    /// <summary>The names are known to the relay only: a program that finds them asked through it.</summary>
    [Theory]
    [InlineData("yt-dlp", "page")]
    [InlineData("streamlink", "live/all.m3u8")]
    public async Task The_real_programs_find_a_playlist_through_the_relay(string program, string path)
    {
        _programs.Real(program);
        await using var site = await SiteAsync();
        OutboundUrl.TryParse($"http://site.example:{site.Url.Port}/{path}", out var page).ShouldBeTrue();

        var found = await _programs.Resolver("127.0.0.1/32").ResolveAsync(program, page!, default);

        found.Problem.ShouldBeNull();
        found.Stream.ShouldNotBeNull().Url.Secret.ShouldEndWith("/live/all.m3u8");
    }

    [Theory]
    [InlineData("yt-dlp", "page")]
    [InlineData("streamlink", "live/all.m3u8")]
    public async Task The_real_programs_are_refused_what_we_are_refused(string program, string path)
    {
        _programs.Real(program);
        var hits = 0;
        await using var site = await SiteAsync(() => hits++);
        OutboundUrl.TryParse($"http://site.example:{site.Url.Port}/{path}", out var page).ShouldBeTrue();

        var found = await _programs.Resolver().ResolveAsync(program, page!, default);

        (found.Stream, hits).ShouldBe((null, 0));
        found.Problem.ShouldNotBeNull().ShouldStartWith($"{program} says: ");
    }

    private static Task<ApiStub> SiteAsync(Action? asked = null) => ApiStub.StartAsync(context =>
    {
        asked?.Invoke();
        var (type, text) = context.Request.Path.Value switch
        {
            "/page" => ("text/html", "<title>A channel</title><video><source src=\"/live/all.m3u8\" type=\"application/x-mpegURL\"></video>"),
            "/live/all.m3u8" => ("application/vnd.apple.mpegurl", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=320x180\n180.m3u8\n"
                + "#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=640x360\n360.m3u8\n"),
            _ => ("application/vnd.apple.mpegurl", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n1.ts\n"),
        };
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text);
    });
}
