using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Storm;

/// <summary>A torrent of two films on loopback, with a tracker (opentracker) that knows it and somebody (libtorrent) who has all of it.</summary>
internal sealed class TorrentSwarm : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    /// <summary>For Python: folder with the files, .torrent file to write, address of the tracker, address to listen at. Prints the hash, shares when it
    /// is sent a line, for that is when the tracker knows the hash, says "up" when the tracker has heard, and ends with its input.</summary>
    private const string Script = """
        import os, sys, time, libtorrent as lt
        folder, torrent, tracker, listen = sys.argv[1:5]
        files = lt.file_storage()
        lt.add_files(files, folder)
        made = lt.create_torrent(files, 256 << 10, lt.create_torrent.v1_only)
        made.add_tracker(tracker)
        lt.set_piece_hashes(made, os.path.dirname(folder))
        data = lt.bencode(made.generate())
        open(torrent, "wb").write(data)
        info = lt.torrent_info(lt.bdecode(data))
        print(info.info_hash(), flush=True)
        sys.stdin.readline()
        session = lt.session({"listen_interfaces": listen, "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
                              "alert_mask": lt.alert_category.tracker, "allow_multiple_connections_per_ip": True, "close_redundant_connections": False})
        session.add_torrent({"ti": info, "save_path": os.path.dirname(folder), "flags": lt.torrent_flags.seed_mode})
        until = time.monotonic() + 20
        while time.monotonic() < until:
            session.wait_for_alert(200)
            if any(isinstance(alert, lt.tracker_reply_alert) for alert in session.pop_alerts()):
                print("up", flush=True)
                sys.stdin.read()
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _tracker;
    private readonly Process _seeder;

    private TorrentSwarm(Process tracker, Process seeder, string magnet) => (_tracker, _seeder, Magnet) = (tracker, seeder, magnet);

    /// <summary>A link to it.</summary>
    public string Magnet { get; }

    /// <summary>Shares copies of a file.</summary>
    public static async Task<TorrentSwarm> StartAsync(Workshop workshop, string film)
    {
        var home = workshop.NewFolder();
        var files = Directory.CreateDirectory(Path.Combine(home, "series")).FullName;
        File.Copy(film, Path.Combine(files, "part one.mp4"));
        File.Copy(film, Path.Combine(files, "part two.mp4"));
        await File.WriteAllTextAsync(Path.Combine(files, "read me.txt"), "Enjoy.");
        var (torrent, port) = (Path.Combine(home, "series.torrent"), SluiceServer.FreePort());
        var announce = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/announce");
        var listen = $"127.0.0.1:{SluiceServer.FreePort()}";
        var seeder = Tool.Start(Python, ["-I", "-c", Script, files, torrent, announce, listen]);
        if (await seeder.StandardOutput.ReadLineAsync() is { } hash)
        {
            var tracker = await StartTrackerAsync(port, hash);
            await seeder.StandardInput.WriteLineAsync();
            await seeder.StandardInput.FlushAsync();
            if (await seeder.StandardOutput.ReadLineAsync() == "up")
            {
                return new TorrentSwarm(tracker, seeder, $"magnet:?xt=urn:btih:{hash}&tr={Uri.EscapeDataString(announce)}");
            }
        }

        throw new InvalidOperationException("Nobody shares the torrent: " + await seeder.StandardError.ReadToEndAsync());
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var process in (Process[])[_seeder, _tracker])
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>As root it changes to a user who may do nothing, so its list lies open to everybody.</summary>
    private static async Task<Process> StartTrackerAsync(int port, string hash)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-tracker-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "list"), hash + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        var number = port.ToString(CultureInfo.InvariantCulture);
        var tracker = Tool.Start("opentracker", ["-i", "127.0.0.1", "-p", number, "-P", number, "-d", folder, "-w", "list"]);
        var began = Stopwatch.GetTimestamp();
        while (!await ListensAsync(port))
        {
            if (tracker.HasExited || Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException("The tracker does not start.");
            }

            await Task.Delay(10);
        }

        Directory.Delete(folder, recursive: true); // It has read its list.
        return tracker;
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
