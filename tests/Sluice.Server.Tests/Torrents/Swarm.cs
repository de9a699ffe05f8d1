using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Sluice.Server.Torrents.Engine;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>A torrent, of 40 MB of nothing unless said otherwise, a tracker that knows it, and a seeder; all on loopback.</summary>
public class Swarm : IAsyncLifetime
{
    public const int PieceBytes = 256 << 10;
    private const int Megabytes = 40;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-swarm-");
    private readonly DirectoryInfo _trackerFolder = Directory.CreateTempSubdirectory("sluice-tracker-");
    private ChildProcess? _tracker;
    private Seeder? _seeder;
    private byte[]? _content;
    private int _seederPort;
    private int _folders;

    /// <summary>What the file holds.</summary>
    internal byte[] Content => _content ??= new byte[Megabytes << 20];

    internal TestTorrent Torrent { get; private set; } = null!;

    internal int TrackerPort { get; private set; }

    internal string Tracker => $"http://127.0.0.1:{TrackerPort}/announce";

    internal TorrentLink Link
    {
        get
        {
            MagnetLink.TryParse(Torrent.Magnet(Tracker), out var link).ShouldBeTrue();
            return link;
        }
    }

    /// <summary>There is a seeder from the beginning.</summary>
    private protected virtual bool IsSeeded => true;

    public async ValueTask InitializeAsync()
    {
        await Seeder.RequirePythonAsync();
        (TrackerPort, _seederPort) = (FreePort(), FreePort());
        Torrent = await MakeAsync(_folder.FullName);
        await File.WriteAllBytesAsync(PathOf("film.torrent"), Torrent.Bytes);
        _tracker = await StartTrackerAsync(_trackerFolder.FullName, TrackerPort, Torrent.TrackerHashes);
        if (IsSeeded)
        {
            await SeedAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await UnseedAsync();
        await (_tracker?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Delete(recursive: true);
        _trackerFolder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes what is shared into a folder.</summary>
    private protected virtual async Task<TestTorrent> MakeAsync(string folder)
    {
        new Random(7).NextBytes(Content);
        await File.WriteAllBytesAsync(PathOf("film.mp4"), Content);
        return TestTorrent.OneFile("film.mp4", Content, PieceBytes, Tracker);
    }

    /// <summary>The seeder is there, at the same port each time.</summary>
    internal async Task SeedAsync() => _seeder ??= await Seeder.StartAsync([PathOf("film.torrent")], _folder.FullName, _seederPort);

    /// <summary>The seeder is gone.</summary>
    internal async Task UnseedAsync()
    {
        await (_seeder?.DisposeAsync() ?? ValueTask.CompletedTask);
        _seeder = null;
    }

    /// <summary>A folder for a torrent; not made.</summary>
    internal string NewFolder() => PathOf($"torrent-{Interlocked.Increment(ref _folders)}");

    /// <summary>An engine that may speak to loopback, or to what is named instead.</summary>
    internal static TorrentEngine Engine(string[]? allow = null, Action<TorrentOptions>? configure = null, EngineProgram? program = null, TimeProvider? clock = null)
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = allow ?? ["127.0.0.0/8"];
        configure?.Invoke(options.Torrents);
        return new TorrentEngine(new EngineTools(
            options, program ?? new EngineProgram(), clock ?? TimeProvider.System, NullLogger<TorrentEngine>.Instance));
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>As root it changes to a user who may do nothing, so its list lies open to everybody. It reads that in its own time: until then it knows
    /// no torrent, also when it answers already.</summary>
    internal static async Task<ChildProcess> StartTrackerAsync(string folder, int port, params string[] hashes)
    {
        File.WriteAllLines(Path.Combine(folder, "list"), hashes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        var number = port.ToString(CultureInfo.InvariantCulture);
        var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = ProgramSearch.Find("opentracker", ProgramSearch.SystemPath)!,
                Arguments = ["-i", "127.0.0.1", "-p", number, "-P", number, "-d", folder, "-w", "list"],
                WorkingFolder = folder,
            },
            default);
        (await Eventually.Holds(async () =>
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        })).ShouldBeTrue(child.ErrorTail);
        return child;
    }
}
