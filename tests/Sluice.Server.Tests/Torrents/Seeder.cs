using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Torrents.Engine;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>Another libtorrent, on loopback, that has all of a torrent and nothing to do with our engine.</summary>
internal sealed class Seeder : IAsyncDisposable
{
    private const string Script = """
        import sys, time, libtorrent as lt
        torrent, folder, listen = sys.argv[1:4]
        session = lt.session({"listen_interfaces": listen, "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
                              "enable_natpmp": False, "alert_mask": lt.alert_category.tracker | lt.alert_category.error, "allow_multiple_connections_per_ip": True, "close_redundant_connections": False})
        handle = session.add_torrent({"ti": lt.torrent_info(torrent), "save_path": folder, "flags": lt.torrent_flags.seed_mode})
        # Who asks the tracker next shall hear of it. One that has just started may not know the torrent yet.
        heard, until = not handle.trackers(), time.monotonic() + 10
        while not heard and time.monotonic() < until:
            session.wait_for_alert(200)
            alerts = session.pop_alerts()
            heard = any(isinstance(alert, lt.tracker_reply_alert) for alert in alerts)
            if any(isinstance(alert, lt.tracker_error_alert) for alert in alerts):
                time.sleep(0.2)
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
    /// <param name="torrent">Path of the .torrent file.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="port">Of 127.0.0.1.</param>
    public static async Task<Seeder> StartAsync(string torrent, string folder, int port)
    {
        var child = await ChildProcess.StartAsync(
            new ChildCommand
            {
                Program = await RequirePythonAsync(),
                Arguments = ["-I", "-c", Script, torrent, folder, $"127.0.0.1:{port}"],
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
