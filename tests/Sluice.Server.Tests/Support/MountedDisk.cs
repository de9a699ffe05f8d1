using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Sluice.Server.Tests.Support;

/// <summary>A RAM disk of some MB that this process sees too, which only root can mount; see <see cref="SmallDisk"/> for servers in processes of their own.</summary>
internal sealed class MountedDisk : IAsyncDisposable
{
    private MountedDisk(string folder) => Folder = folder;

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Mounts one; skips the test where that is not to be had.</summary>
    public static async Task<MountedDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can mount a small disk.");
        var folder = Directory.CreateTempSubdirectory("sluice-disk-").FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder) == 0, "This machine allows no mount.");
        return new MountedDisk(folder);
    }

    /// <summary>Takes room away; <see cref="GiveBack"/> gives it back.</summary>
    public void Take(int bytes) => File.WriteAllBytes(Path.Combine(Folder, "somebody's"), new byte[bytes]);

    /// <summary>Gives the room back that was taken.</summary>
    public void GiveBack() => File.Delete(Path.Combine(Folder, "somebody's"));

    public async ValueTask DisposeAsync()
    {
        // A program that another test starts at this moment holds our files until it is that program.
        (await Eventually.Holds(async () => await RunAsync("umount", Folder) == 0)).ShouldBeTrue();
        Directory.Delete(Folder);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
