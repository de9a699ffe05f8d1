using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Torrents.Engine;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Another libtorrent, on loopback, that has all of some torrents and nothing to do with our engine.</summary>
internal sealed class Seeder : IAsyncDisposable
{
    private const string Script = """
        import sys, time, libtorrent as lt
        folder, listen, names, *torrents = sys.argv[1:]
        session = lt.session({"listen_interfaces": listen, "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
                              "enable_natpmp": False, "alert_mask": lt.alert_category.tracker | lt.alert_category.error, "allow_multiple_connections_per_ip": True, "close_redundant_connections": False})
        silent = set()
        for torrent in torrents:
            info = lt.torrent_info(torrent)
            for index in range(info.num_files()) if names == "numbered" else ():
                info.rename_file(index, "f%d" % index)
            handle = session.add_torrent({"ti": info, "save_path": folder, "flags": lt.torrent_flags.seed_mode})
            if handle.trackers():
                silent.add(handle)
        # Who asks the tracker next shall hear of them. One that has just started may not know a torrent yet.
        until = time.monotonic() + 10
        while silent and time.monotonic() < until:
            session.wait_for_alert(200)
            alerts = session.pop_alerts()
            silent -= {alert.handle for alert in alerts if isinstance(alert, lt.tracker_reply_alert)}
            refused = {alert.handle for alert in alerts if isinstance(alert, lt.tracker_error_alert)}
            if refused:
                time.sleep(0.2)
            for handle in refused:
                handle.force_reannounce(0, -1, lt.reannounce_flags_t.ignore_min_interval)
        print("up", flush=True)
        sys.stdin.read()
        """;

    private readonly ChildProcess _child;

    private Seeder(ChildProcess child) => _child = child;

    /// <summary>Skips the test aloud where libtorrent is missing; in CI it fails.</summary>
    public static async Task<string> RequirePythonAsync()
    {
        var (facts, missing) = await new EngineProgram().CheckAsync(default);
        if (facts is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"Not tested: {missing}");
            Assert.Fail(missing!);
        }

        Tool.Require("opentracker");
        return facts.Python;
    }

    /// <summary>Starts one.</summary>
    /// <param name="torrents">Paths of .torrent files.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="port">Of 127.0.0.1.</param>
    /// <param name="areNumbered">The files of every torrent are called <c>f0</c>, <c>f1</c>… there, whatever the torrent calls them.</param>
    public static async Task<Seeder> StartAsync(IEnumerable<string> torrents, string folder, int port, bool areNumbered = false)
    {
        var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = await RequirePythonAsync(),
                Arguments = ["-I", "-c", Script, folder, $"127.0.0.1:{port}", areNumbered ? "numbered" : "own", .. torrents],
                WorkingFolder = folder,
                ReadsOutput = true,
                WritesInput = true,
            },
            default);
        (await child.Output.ReadAtLeastAsync(new byte[3], 3, throwOnEndOfStream: false)).ShouldBe(3, child.ErrorTail);
        return new Seeder(child);
    }

    /// <summary>As if its machine had lost power.</summary>
    public ValueTask DisposeAsync() => _child.DisposeAsync();
}
