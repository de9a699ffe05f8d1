using Sluice.Server.Tests.Torrents;

namespace Sluice.Browser.Tests.Support;

/// <summary>A film of some seconds that plays as it is, and somebody who has it: a tracker and a seeder on loopback.</summary>
public sealed class ClipSwarm : Swarm
{
    private const string Name = "clip.mp4";

    private const string Clip = "-f lavfi -i testsrc2=s=320x180:r=25:d=10 -f lavfi -i sine=440:d=10 "
        + "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a aac -movflags +faststart";

    private protected override async Task<TestTorrent> MakeAsync(string folder)
    {
        var film = Path.Combine(folder, Name);
        await MatroskaSwarm.FfmpegAsync([.. Clip.Split(' '), film]);
        return TestTorrent.OneFile(Name, await File.ReadAllBytesAsync(film), PieceBytes, Tracker);
    }
}
