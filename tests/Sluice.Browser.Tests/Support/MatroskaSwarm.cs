using System.Diagnostics;
using Shouldly;
using Sluice.Server.Tests.Torrents;

namespace Sluice.Browser.Tests.Support;

/// <summary>A film of 200 MB and ten minutes in Matroska, H.264 and AAC, and somebody who has it: a tracker and a seeder on loopback.</summary>
public sealed class MatroskaSwarm : Swarm
{
    public const string Name = "The film.mkv";

    private const string Clip = "-f lavfi -i testsrc2=s=320x180:r=25:d=20,noise=alls=40:allf=t -f lavfi -i sine=440:d=20 "
        + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -b:v 2600k -minrate 2600k -maxrate 2600k -bufsize 1300k -c:a aac -b:a 64k";

    /// <summary>Bytes of the film.</summary>
    public long Bytes { get; private set; }

    private protected override async Task<TestTorrent> MakeAsync(string folder)
    {
        var (clip, film) = (Path.Combine(folder, "clip.mkv"), Path.Combine(folder, Name));
        await FfmpegAsync([.. Clip.Split(' '), clip]);
        await FfmpegAsync(["-stream_loop", "29", "-i", clip, "-c", "copy", film]);
        var content = await File.ReadAllBytesAsync(film);
        Bytes = content.Length;
        return TestTorrent.OneFile(Name, content, PieceBytes, Tracker);
    }

    internal static async Task FfmpegAsync(string[] arguments)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo(Requirements.Ffmpeg!, ["-nostdin", "-v", "error", .. arguments]) { UseShellExecute = false })!;
        await ffmpeg.WaitForExitAsync();
        ffmpeg.ExitCode.ShouldBe(0);
    }
}
