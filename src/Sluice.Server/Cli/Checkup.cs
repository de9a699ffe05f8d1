using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Processes;
using Sluice.Server.Torrents.Engine;
using Sluice.Server.Transcode;

namespace Sluice.Server.Cli;

/// <summary>Looks at everything that a server needs of its machine.</summary>
internal static class Checkup
{
    /// <summary>Less room than this is worth a word: a film in good quality has this size.</summary>
    private const long LittleRoomBytes = 4L << 30;

    /// <summary>All findings, in the order in which a person would mend them.</summary>
    public static async Task<IReadOnlyList<Finding>> RunAsync(LoadedConfiguration loaded, CancellationToken ct) =>
        [.. ConfigurationCheck.Of(loaded, ProgramSearch.SystemPath), .. await RunAsync(loaded.Options, ct)];

    private static async Task<IReadOnlyList<Finding>> RunAsync(SluiceOptions options, CancellationToken ct) =>
    [
        DotNet(), await FfmpegAsync(new FfmpegTools(options.Transcode.Ffmpeg), options.Transcode, ct), Guards(),
        .. await TorrentsAsync(new EngineProgram(options.Torrents.Python), options.Torrents, ct), Sqlite(), .. DataFolder(options.Storage), .. await CatalogCheck.OfAsync(options.Storage, ct), .. await S3Check.OfAsync(options, ct),
        .. await QueueCheck.OfAsync(options.Queue, ct), .. await PublishCheck.OfAsync(options, ct), .. ScratchCheck.Of(options.Sessions), Port(options), WebApp(),
    ];

    private static Finding DotNet() => Environment.Version.Major >= 10
        ? new Finding(Severity.Ok, ".NET", Environment.Version.ToString())
        : new Finding(Severity.Fail, ".NET", $"version {Environment.Version} is too old", "install .NET 10 or newer");

    internal static async Task<Finding> FfmpegAsync(FfmpegTools ffmpeg, TranscodeOptions options, CancellationToken ct)
    {
        var (facts, missing) = await ffmpeg.CheckAsync(ct);
        return facts is not null
            ? VideoEncoders.ProblemOf(options, facts) is { } problem
                ? new Finding(Severity.Fail, "ffmpeg", problem.Split("; ")[0], problem.Split("; ")[^1])
                : new Finding(Severity.Ok, "ffmpeg", $"{facts.Version} at {ffmpeg.Program}")
            : new Finding(
                Severity.Warn, "ffmpeg", $"{missing!.Split("; ")[0]}; files that need encoding will not play",
                options.Ffmpeg is null || ffmpeg.Program is not null ? "apt-get install ffmpeg" : "name an ffmpeg that is there under transcode.ffmpeg, or remove that line");
    }

    private static Finding Guards() => ChildGuards.System.Missing is { } missing
        ? new Finding(Severity.Warn, "guards", missing, "apt-get install util-linux coreutils")
        : new Finding(Severity.Ok, "guards", "ffmpeg runs with limits and ends with the server");

    /// <summary>Nothing is said of what was switched off.</summary>
    internal static async Task<IReadOnlyList<Finding>> TorrentsAsync(EngineProgram program, TorrentOptions options, CancellationToken ct)
    {
        if (!options.Enabled)
        {
            return [];
        }

        var (facts, missing) = await program.CheckAsync(ct);
        return
        [
            facts is not null
                ? new Finding(Severity.Ok, "torrents", $"libtorrent {facts.Version} at {facts.Python}")
                : new Finding(Severity.Warn, "torrents", $"{missing!.Split("; ")[0]}; magnet links are refused", EngineProgram.HowToInstall),
        ];
    }

    private static Finding Sqlite()
    {
        var name = OperatingSystem.IsWindows() ? "winsqlite3" : OperatingSystem.IsMacOS() ? "libsqlite3.dylib" : "libsqlite3.so.0";
        if (!NativeLibrary.TryLoad(name, out var library))
        {
            return new Finding(Severity.Fail, "SQLite", $"{name} is missing", "apt-get install libsqlite3-0");
        }

        NativeLibrary.Free(library);
        return new Finding(Severity.Ok, "SQLite", name);
    }

    internal static IEnumerable<Finding> DataFolder(StorageOptions storage)
    {
        var folder = Path.GetFullPath(storage.Data);
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        if (!IsWritable(existing))
        {
            yield return new Finding(Severity.Fail, "data folder", $"{existing} cannot be written", "change its owner, or give another with --data");
            yield break;
        }

        yield return new Finding(Severity.Ok, "data folder", existing == folder ? folder : $"{folder}, made at the first start");

        var free = new DriveInfo(existing).AvailableFreeSpace - storage.ReserveBytes;
        var room = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, free) / 1e9:0.0} GB for media");
        yield return free <= 0
            ? new Finding(Severity.Fail, "disk", "full but for the reserve; every upload is refused", "free some space, or lower storage.reserveBytes")
            : free < LittleRoomBytes
                ? new Finding(Severity.Warn, "disk", room, "free some space, or give a folder on a larger disk with --data")
                : new Finding(Severity.Ok, "disk", room);
    }

    private static Finding Port(SluiceOptions options)
    {
        var (host, port) = (options.Server.Host, options.Server.Port);
        var address = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Parse(host);
        try
        {
            return port == 0 || FreePort.IsFree(address, port)
                ? new Finding(Severity.Ok, "port", $"{port} on {host} is free")
                : ServerFile.Read(options.Storage.Data) is { } running && new Uri(running.Url).Port == port
                    ? new Finding(Severity.Ok, "port", $"Sluice runs at {running.Url}")
                    : new Finding(Severity.Warn, "port", $"{port} on {host} is taken; the next free one will be used", "give another with --port");
        }
        catch (CommandException e)
        {
            return new Finding(Severity.Fail, "port", e.Message.TrimEnd('.'), "server.host must be an address of this machine");
        }
    }

    private static Finding WebApp() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames().Any(n => n.EndsWith("index.html", StringComparison.Ordinal))
            ? new Finding(Severity.Ok, "web app", "built in")
            : new Finding(Severity.Warn, "web app", "not in this build; the API works without it", "build with ./dev build");

    internal static bool IsWritable(string folder)
    {
        var probe = Path.Combine(folder, $".sluice-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
