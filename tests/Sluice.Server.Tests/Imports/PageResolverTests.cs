using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Processes;
using Sluice.Server.Resolve;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>Programs that know the file behind a page, played by scripts.</summary>
public sealed class PageResolverTests : IDisposable
{
    private readonly DirectoryInfo _programs = Directory.CreateTempSubdirectory("sluice-test-");

    public void Dispose() => _programs.Delete(recursive: true);

    [Theory]
    [InlineData("yt-dlp")]
    [InlineData("streamlink")]
    public async Task The_file_behind_a_page_is_imported(string program)
    {
        Shell.RequireLinux();
        await using var origin = await Origin.StartAsync();
        await using var site = await PageAsync();
        Script(program, $"for last in \"$@\"; do :; done; echo \"$last\" > {_programs}/asked; [ \"$last\" = \"{site.Url}watch?v=1\" ] && echo '{origin.Url}'");
        await using var server = await StartAsync();

        var done = await ImportServer.EndAsync(server, $"{site.Url}watch?v=1");

        (done.Text("state"), done.Text("fileName")).ShouldBe(("done", "clip one.mp4"));
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("echo nonsense")]
    [InlineData("echo file:///etc/passwd")]
    [InlineData("echo http://127.0.0.1/live.m3u8")]
    public async Task When_nobody_knows_it_is_said(string script)
    {
        Shell.RequireLinux();
        await using var site = await PageAsync();
        Script("yt-dlp", script);
        await using var server = await StartAsync();

        var end = await ImportServer.EndAsync(server, $"{site.Url}watch");

        (end.Text("state"), end.Text("reason")).ShouldBe(("failed", "It is a web page, and neither yt-dlp nor streamlink finds a file behind it."));
    }

    [Fact]
    public async Task What_they_answer_is_fetched_by_our_rules()
    {
        Shell.RequireLinux();
        await using var site = await PageAsync();
        Script("yt-dlp", "echo http://169.254.169.254/latest/meta-data/");
        await using var server = await StartAsync();

        (await ImportServer.EndAsync(server, $"{site.Url}watch")).Text("reason").ShouldBe(OutboundException.Refusal);
    }

    [Fact]
    public async Task They_are_not_run_unless_the_operator_wants_it()
    {
        Shell.RequireLinux();
        await using var site = await PageAsync();
        Script("yt-dlp", $"touch {_programs}/ran");
        await using var server = await StartAsync(on: false);

        (await ImportServer.EndAsync(server, $"{site.Url}watch")).Text("reason").ShouldBe("It is a web page, not a video file.");
        File.Exists(Path.Combine(_programs.FullName, "ran")).ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_is_an_argument_and_never_an_option()
    {
        Shell.RequireLinux();
        Script("yt-dlp", $"printf '%s\\n' \"$@\" > {_programs}/arguments; echo http://host/clip.mp4");
        var options = new SluiceOptions();
        var connector = new CheckedConnector(options, NameResolution.System, TimeProvider.System);
        OutboundUrl.TryParse("http://host/--exec=x?a=$(touch${IFS}x)", out var url).ShouldBeTrue();

        using var runner = new ResolverRunner(connector, TimeProvider.System, _programs.FullName);
        (await new PageResolver(options, runner).ResolveAsync(url!, default)).ShouldNotBeNull();

        var arguments = await File.ReadAllLinesAsync(Path.Combine(_programs.FullName, "arguments"));
        arguments[^2..].ShouldBe(["--", url!.Address.AbsoluteUri]);
    }

    /// <summary>The name of the page is known to this server only: a program that finds it asked through the relay.</summary>
    [Theory]
    [InlineData("yt-dlp", "watch", "done")]
    [InlineData("streamlink", "live.m3u8", "failed")] // It asks for what looks like a playlist, and finds none.
    public async Task The_real_programs_ask_through_the_relay(string program, string path, string state)
    {
        var real = ProgramSearch.Find(program, ProgramSearch.SystemPath);
        Assert.SkipWhen(real is null, $"Not tested: {program} is not installed here.");
        await using var origin = await Origin.StartAsync();
        var port = new Uri(origin.Url).Port;
        var hits = 0;
        await using var site = await ApiStub.StartAsync(context =>
        {
            Interlocked.Increment(ref hits);
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync($"<title>A film</title><video src=\"http://films.example:{port}/films/clip.mp4\"></video>");
        });
        File.CreateSymbolicLink(Path.Combine(_programs.FullName, program), real);
        await using var server = await ImportServer.StartAsync(
            options => options.Ingest.Resolvers = true,
            builder =>
            {
                builder.Services.AddSingleton<ResolveNames>((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
                builder.Services.AddSingleton(TimeProvider.System);
                builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ResolverRunner>(provider, _programs.FullName));
            });

        var end = await ImportServer.EndAsync(server, $"http://site.example:{site.Url.Port}/{path}");

        end.Text("state").ShouldBe(state, end.ToString());
        hits.ShouldBeGreaterThan(1, "the program asked nothing");
    }

    private static Task<ApiStub> PageAsync() => ApiStub.StartAsync(context =>
    {
        context.Response.ContentType = "text/html";
        return context.Response.WriteAsync("<title>A film</title>");
    });

    private Task<SluiceServer> StartAsync(bool on = true) => ImportServer.StartAsync(
        options => options.Ingest.Resolvers = on,
        builder => builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ResolverRunner>(provider, _programs.FullName)));

    private void Script(string name, string script)
    {
        var file = Path.Combine(_programs.FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        }
    }
}
