using System.Text.Json;
using Shouldly;
using Sluice.Media.Tests.Building;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Torrents whose names are no names for files, by a magnet link whose contents a peer tells, and by the .torrent file: they are refused, or play
/// under names of our own. Nothing is ever called what they say.</summary>
public sealed class TorrentNameTests(TorrentNameTests.NameSwarm swarm) : IClassFixture<TorrentNameTests.NameSwarm>
{
    /// <summary>In every name.</summary>
    private const string Mark = "sluice-astray";

    private static readonly (string Case, string Name, string[] Path, string? Refusal)[] Cases =
    [
        ("parent folders", "A film", ["..", "..", Mark + ".mp4"], "lead out of its folder"),
        ("a parent folder as name", "..", [Mark + ".mp4"], "lead out of its folder"),
        ("parent folders in one part", "A film", [$"../../{Mark}.mp4"], "lead out of its folder"),
        ("an absolute name", $"/tmp/{Mark}", [Mark + ".mp4"], "lead out of its folder"),
        ("an absolute path", "A film", [$"/tmp/{Mark}.mp4"], "lead out of its folder"),
        ("NUL", "A film", [$"{Mark}.mp4\0.txt"], "lead out of its folder"),
        ("2000 letters", "A film", [Mark + new string('a', 2000) + ".mp4"], "damaged"),
        ("400 letters", Mark + new string('n', 400), [Mark + new string('a', 400) + ".mp4"], null),
        ("a device", "CON", ["AUX", $"nul.{Mark}.mp4"], null),
        ("another way to write folders", $@"C:\{Mark}", [$@"..\..\{Mark}.mp4"], null),
        ("names of our own", "f0", ["have", Mark, "f0.mp4"], null),
        ("what looks like an option, and hides its end", $"-rf {Mark}", [$" .{Mark}\u202E4pm.exe. "], null),
    ];

    public static TheoryData<string, bool> Names() => [.. Cases.SelectMany(c => new[] { (c.Case, false), (c.Case, true) })];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_is_called_so(string named, bool isUploaded)
    {
        var index = Array.FindIndex(Cases, c => c.Case == named);
        var torrent = swarm.Torrents[index];

        // No time passes for the server: whoever begins a session has its answer.
        await using var server = await SessionServer.StartAsync(clock: new FakeClock());
        using var answer = isUploaded ? await UploadAsync(server, torrent.Bytes) : await SessionServer.PostAsync(server, torrent.Magnet(swarm.Tracker));

        if (Cases[index].Refusal is { } words)
        {
            (await answer.ShouldBeProblemAsync(422, "source-unsupported")).Text("detail").ShouldContain(words);
            ShouldBeNowhere(server);
            await SessionServer.ShouldHaveNothingAsync(server);
            return;
        }

        var session = await answer.JsonAsync();
        ((int)answer.StatusCode, session.Text("state")).ShouldBe((201, "ready"), session.ToString());
        var player = new Player(server, session.GetProperty("playback").Text("hls"));
        var (version, track) = (await player.TracksAsync()).Single(t => t.Track == "v0");
        (await player.BytesAsync($"{version}/{track}/9.m4s")).ShouldNotBeEmpty();

        var folder = Directory.GetDirectories(Path.Combine(server.Data, "scratch")).ShouldHaveSingleItem();
        var files = Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).ToList();
        files.ShouldContain("f0");
        files.ShouldBeSubsetOf(["f0", "f1", "have", "have.part", .. files.Where(name => name.EndsWith(".parts", StringComparison.Ordinal))]);
        ShouldBeNowhere(server);
        (await SessionServer.EndAsync(server, session)).IsSuccessStatusCode.ShouldBeTrue();
        await SessionServer.ShouldHaveNothingAsync(server);
        ShouldBeNowhere(server);
    }

    private static void ShouldBeNowhere(SluiceServer server)
    {
        Directory.EnumerateFileSystemEntries(server.Data, $"*{Mark}*", SearchOption.AllDirectories).ShouldBeEmpty();
        foreach (var folder in new[] { Path.GetTempPath(), Directory.GetParent(server.Data)!.FullName, Environment.CurrentDirectory, "/" })
        {
            Directory.EnumerateFileSystemEntries(folder, $"*{Mark}*").ShouldBeEmpty();
        }
    }

    private static async Task<HttpResponseMessage> UploadAsync(SluiceServer server, byte[] torrent)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(torrent), "torrent", "a.torrent" } };
        return await server.Http.PostAsync("/api/v1/sessions", form);
    }

    /// <summary>One film under all of these names, and beside it an empty file, which would be there as soon as a torrent is open; a tracker, and somebody
    /// who has them all.</summary>
    public sealed class NameSwarm : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-swarm-");
        private readonly DirectoryInfo _trackerFolder = Directory.CreateTempSubdirectory("sluice-tracker-");
        private ChildProcess? _tracker;
        private Seeder? _seeder;

        internal List<TestTorrent> Torrents { get; } = [];

        internal string Tracker { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            await Seeder.RequirePythonAsync();
            var port = Swarm.FreePort();
            Tracker = $"http://127.0.0.1:{port}/announce";
            var film = LongTitle.Of(TimeSpan.FromMinutes(1));
            var bytes = new byte[film.Length];
            film.Read(0, bytes).ShouldBe(bytes.Length);
            await File.WriteAllBytesAsync(PathOf("f0"), bytes);
            await File.WriteAllBytesAsync(PathOf("f1"), []);
            foreach (var (_, name, path, _) in Cases)
            {
                var files = TestTorrent.Files(name, Swarm.PieceBytes, (path, bytes), ([.. path[..^1], "empty " + path[^1]], []));
                Torrents.Add(TestTorrent.Of(files.Info, Tracker));
                await File.WriteAllBytesAsync(PathOf($"{Torrents.Count}.torrent"), Torrents[^1].Bytes);
            }

            _tracker = await Swarm.StartTrackerAsync(_trackerFolder.FullName, port, [.. Torrents.SelectMany(t => t.TrackerHashes)]);
            _seeder = await Seeder.StartAsync(Directory.GetFiles(_folder.FullName, "*.torrent"), _folder.FullName, Swarm.FreePort(), areNumbered: true);
        }

        public async ValueTask DisposeAsync()
        {
            await (_seeder?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (_tracker?.DisposeAsync() ?? ValueTask.CompletedTask);
            _folder.Delete(recursive: true);
            _trackerFolder.Delete(recursive: true);
        }

        private string PathOf(string name) => Path.Combine(_folder.FullName, name);
    }
}
