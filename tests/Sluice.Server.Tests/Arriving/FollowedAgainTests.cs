using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Arriving;

/// <summary>A title that was watched is repackaged once more from its beginning, which takes a while: what was listed stays listed, and is there.</summary>
public sealed class FollowedAgainTests(FollowedFilms films) : IClassFixture<FollowedFilms>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-again-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_listed_is_waited_for_while_it_is_repackaged_anew()
    {
        var film = films.Matroska;
        var data = _folder.CreateSubdirectory("data").FullName;
        string path, list, track;
        byte[] last;
        int count;
        await using (var first = await StartAsync(data, ffmpeg: null))
        {
            var tus = new TusCalls(first.Http);
            path = await tus.NewAsync(film.Length);
            using var answer = await tus.PatchAsync(path, 0, film[..(film.Length * 9 / 10)]);
            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            var viewer = await ArrivingViewer.OfAsync(first.Http, path);
            track = (await viewer.TracksAsync())[0];
            (await Eventually.Holds(async () => await viewer.CountAsync(track) >= 4)).ShouldBeTrue();
            list = await viewer.TextAsync($"{track}/index.m3u8");
            count = ArrivingViewer.Count(list);
            last = await viewer.BytesAsync($"{track}/{count}.m4s");
        }

        await using var second = await StartAsync(data, SlowFfmpeg());
        var again = await ArrivingViewer.OfAsync(second.Http, path);
        var (segment, playlist) = (again.BytesAsync($"{track}/{count}.m4s"), again.TextAsync($"{track}/index.m3u8"));

        (await segment).ShouldBe(last);
        WithoutTokens(await playlist).ShouldStartWith(WithoutTokens(list));
    }

    /// <summary>Each viewer has a token of his own.</summary>
    private static string WithoutTokens(string playlist) => string.Join('\n', playlist.Split('\n').Select(line => line.Split('?', 2)[0]));

    private static Task<SluiceServer> StartAsync(string data, string? ffmpeg) => SluiceServer.StartAsync(
        o =>
        {
            o.Transcode.Enabled = true;
            o.Transcode.Ffmpeg = ffmpeg;
            o.Transcode.WaitSeconds = (int)Eventually.Patience.TotalSeconds;
        },
        b => b.Services.AddSingleton(TimeProvider.System), realPackager: true, data: data);

    /// <summary>Takes three seconds for the first half megabyte of what is repackaged as it comes.</summary>
    private string SlowFfmpeg()
    {
        Tool.Require("bash");
        var real = new FfmpegTools();
        var path = Path.Combine(_folder.FullName, "ffmpeg");
        File.WriteAllText(path, $$"""
            #!/bin/bash
            case "$*" in
              *" pipe:0 "*) { for i in 1 2 3 4 5 6 7 8; do head -c 65536; sleep 0.4; done; cat; } | exec {{real.Program}} "$@" ;;
            esac
            exec {{real.Program}} "$@"

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "ffprobe"), real.ProbeProgram!);
        return path;
    }
}
