using System.Diagnostics;
using Xunit;

namespace Sluice.Server.Tests.Support;

/// <summary>
/// A RAM disk of a few megabytes that only the processes see that are started for it: it is mounted in a namespace of its own, which a
/// process that does nothing keeps alive. With it the disk is gone.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    /// <summary>As root, and as anybody where the kernel lets anybody be root of a namespace.</summary>
    private static readonly string[][] Ways = [["-m"], ["-U", "-r", "-m"]];

    private readonly Process _keeper;
    private readonly bool _hasUsers;

    private SmallDisk(Process keeper, bool hasUsers, string folder) => (_keeper, _hasUsers, Folder) = (keeper, hasUsers, folder);

    /// <summary>Where it is, for those who were started for it.</summary>
    public string Folder { get; }

    /// <summary>Where it is, for this process.</summary>
    public string Seen => $"/proc/{_keeper.Id}/root{Folder}";

    /// <summary>Bytes that nobody uses.</summary>
    public long FreeBytes => new DriveInfo(Seen).AvailableFreeSpace;

    /// <summary>Mounts one, or skips the test aloud.</summary>
    public static async Task<SmallDisk> RequireAsync(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Not tested: needs Linux.");
        Tool.Require("unshare");
        Tool.Require("nsenter");
        var folder = Directory.CreateTempSubdirectory("sluice-small-").FullName;
        foreach (var way in Ways)
        {
            if (await KeepAsync(way, folder, megabytes) is { } keeper)
            {
                return new SmallDisk(keeper, way.Length > 1, folder);
            }
        }

        Directory.Delete(folder);
        Assert.Skip("Not tested: this machine lets nobody mount a disk, not even in a namespace.");
        return null!;
    }

    /// <summary>Has a process started on the disk.</summary>
    public ProcessStartInfo Enter(ProcessStartInfo start)
    {
        string[] users = _hasUsers ? ["-U", "--preserve-credentials"] : [];
        string[] before = ["-t", $"{_keeper.Id}", .. users, "-m", "--", start.FileName];
        foreach (var (place, argument) in before.Index())
        {
            start.ArgumentList.Insert(place, argument);
        }

        start.FileName = "nsenter";
        return start;
    }

    /// <summary>Writes a file until nothing more goes in.</summary>
    public void Fill(string name)
    {
        using var file = File.Create(Path.Combine(Seen, name), bufferSize: 0);
        foreach (var size in (int[])[1 << 20, 1 << 12, 1])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full, as far as pieces of that size go.
            }
        }
    }

    public void Dispose()
    {
        _keeper.Kill();
        _keeper.WaitForExit();
        _keeper.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<Process?> KeepAsync(string[] way, string folder, int megabytes)
    {
        var start = new ProcessStartInfo("unshare")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
            [.. way, "--", "sh", "-c", "mount -t tmpfs -o size=\"$1\"m,mode=700 tmpfs \"$2\" && echo mounted && exec cat", "sh", $"{megabytes}", folder];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var keeper = Process.Start(start)!;
        if (await keeper.StandardOutput.ReadLineAsync() == "mounted")
        {
            return keeper;
        }

        await keeper.WaitForExitAsync();
        keeper.Dispose();
        return null;
    }
}
