using System.Diagnostics;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Processes;

public sealed class FfmpegToolsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-ffmpeg-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_one_of_this_machine_is_found_and_understood()
    {
        Tool.Require("ffmpeg");

        var (facts, missing) = await new FfmpegTools().CheckAsync(TestContext.Current.CancellationToken);

        missing.ShouldBeNull();
        facts!.Encoders.ShouldContain("libx264");
        facts.Encoders.ShouldContain("aac");
    }

    [Theory]
    [InlineData("ffmpeg version 4.3.6-0+deb11u1 Copyright", "ffmpeg 4.3.6-0+deb11u1 is too old, 5.0 or newer is needed")]
    [InlineData("ffmpeg version n4.4 Copyright", "ffmpeg n4.4 is too old")]
    [InlineData("something else", "does not run")]
    public async Task One_that_is_no_use_is_said_with_what_to_do(string banner, string expected)
    {
        var (facts, missing) = await Stub($"echo '{banner}'").CheckAsync(TestContext.Current.CancellationToken);

        facts.ShouldBeNull();
        missing.ShouldNotBeNull().ShouldStartWith("ffmpeg");
        missing.ShouldContain(expected);
        missing.ShouldContain("apt-get install ffmpeg");
    }

    [Theory]
    [InlineData("5.0")]
    [InlineData("n7.1.1")]
    [InlineData("12.0-static")]
    [InlineData("N-109542-g1bf1c4a")]
    [InlineData("git-2026-01-01-abcdef")]
    public async Task Builds_of_all_kinds_are_taken(string version)
    {
        var (facts, missing) = await Stub($"echo 'ffmpeg version {version} Copyright'").CheckAsync(TestContext.Current.CancellationToken);

        missing.ShouldBeNull();
        facts!.Version.ShouldBe(version);
    }

    [Fact]
    public async Task One_that_is_installed_later_is_found_then()
    {
        var ffmpeg = new FfmpegTools(searchPath: _folder);
        (await ffmpeg.CheckAsync(TestContext.Current.CancellationToken)).MissingReason.ShouldNotBeNull().ShouldContain("not installed");

        Stub("echo 'ffmpeg version 6.1 Copyright'");

        (await ffmpeg.CheckAsync(TestContext.Current.CancellationToken)).MissingReason.ShouldBeNull();
    }

    [Fact]
    public async Task A_child_does_not_outlive_a_server_that_is_killed()
    {
        Shell.RequireLinux();
        var idFile = Path.Combine(_folder, "ids");
        Stub($"echo $$ >> '{idFile}'; exec sleep 100");
        await using var sluice = SluiceProcess.Start(["doctor", "--data", _folder], new() { ["PATH"] = _folder + ":/usr/bin:/bin" });
        var ids = await Shell.ProcessIdsAsync(idFile, 1);
        Shell.IsAlive(ids[0]).ShouldBeTrue();

        using (var process = Process.GetProcessById(sluice.Id))
        {
            process.Kill(); // SIGKILL, this process alone.
        }

        (await Eventually.Holds(() => !Shell.IsAlive(ids[0]))).ShouldBeTrue("ffmpeg became an orphan");
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nclip.ts\n#EXT-X-ENDLIST\n")]
    [InlineData("ffconcat version 1.0\nfile clip.ts\n")]
    [InlineData("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\"><Period><AdaptationSet><Representation id=\"a\"><BaseURL>clip.ts</BaseURL></Representation></AdaptationSet></Period></MPD>")]
    public async Task Lists_of_other_files_are_not_opened(string list)
    {
        Tool.Require("ffprobe");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:d=1 -c:v libx264", Path.Combine(_folder, "clip.ts"));
        var path = Path.Combine(_folder, "film.mp4");
        await File.WriteAllTextAsync(path, list, TestContext.Current.CancellationToken);

        (await OpenAsync("ffprobe", path)).ShouldNotBe(0);
        (await OpenAsync("ffmpeg", path)).ShouldNotBe(0);
        (await OpenAsync("ffmpeg", Path.Combine(_folder, "clip.ts"))).ShouldBe(0);
    }

    [Fact]
    public async Task Decoders_that_are_not_listed_are_not_used()
    {
        Tool.Require("ffmpeg");
        var odd = Path.Combine(_folder, "odd.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x64:d=1 -c:v snow -strict -2", odd);

        (await OpenAsync("ffmpeg", odd)).ShouldNotBe(0);
    }

    private async Task<int> OpenAsync(string program, string path)
    {
        string[] arguments = program == "ffmpeg"
            ? [.. FfmpegGuard.Global, .. FfmpegGuard.Input, "-i", FfmpegGuard.File(path), "-f", "null", "-"]
            : [.. FfmpegGuard.Input, FfmpegGuard.File(path)];
        await using var child = await Shell.StartAsync(new ChildCommand
        {
            Program = ProgramSearch.Find(program, ProgramSearch.SystemPath)!,
            Arguments = arguments,
            WorkingFolder = _folder,
            Limits = new ChildLimits { WallTime = TimeSpan.FromSeconds(30) },
        });
        return (await child.Completion).Code;
    }

    private FfmpegTools Stub(string script)
    {
        foreach (var name in (string[])["ffmpeg", "ffprobe"])
        {
            var path = Path.Combine(_folder, name);
            File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        return new FfmpegTools(searchPath: _folder);
    }
}
