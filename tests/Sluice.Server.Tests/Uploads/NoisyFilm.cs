using System.Diagnostics;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>A real film that is large for its length: noise does not compress.</summary>
internal static class NoisyFilm
{
    public static async Task<string> MakeAsync(string path, int seconds)
    {
        Sluice.Tests.Tool.Require("ffmpeg");
        using var process = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25,noise=alls=60:allf=t", "-t", $"{seconds}",
                "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-g", "50", path,
            ]))!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return path;
    }
}
