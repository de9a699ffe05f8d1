using Shouldly;
using Sluice.Server.Cli;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Resolve;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Sluice.Server.Torrents.Engine;
using Xunit;

namespace Sluice.Server.Tests.Torrents;

/// <summary>The engine's own life: found or missing, dying, ending; with Pythons that are scripts of a test.</summary>
public sealed class TorrentEngineTests : IDisposable
{
    private const string Answers = "case \"$3\" in *__version__*) echo 2.0.8.0; exit;; esac";

    private readonly ProgramFolder _programs = new();

    public TorrentEngineTests() => Shell.RequireLinux();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _programs.Dispose();

    [Fact]
    public async Task Without_libtorrent_it_says_how_to_install_it()
    {
        const string sentence = "Torrents need Python with libtorrent 2.0 or newer on the server; install it with `apt-get install python3-libtorrent`.";
        _programs.Script("python3", "echo \"No module named 'libtorrent'\" >&2; exit 1");
        await using var engine = Swarm.Engine(program: Program());

        (await AddAsync(engine).ShouldThrowAsync<TorrentException>()).Message.ShouldBe(sentence);
        Directory.Exists(_programs.File("torrent")).ShouldBeFalse();

        _programs.Script("python3", "echo 1.2.9.0");
        (await AddAsync(engine).ShouldThrowAsync<TorrentException>()).Message.ShouldBe(sentence);
        (await Checkup.TorrentsAsync(Program(), new TorrentOptions(), Ct)).ShouldHaveSingleItem().ShouldBe(new Finding(
            Severity.Warn, "torrents", "Torrents need Python with libtorrent 2.0 or newer on the server; magnet links are refused",
            "apt-get install python3-libtorrent"));
        (await Checkup.TorrentsAsync(Program(), new TorrentOptions { Enabled = false }, Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_Python_that_has_it_is_taken()
    {
        using var other = new ProgramFolder();
        _programs.Script("python3", "exit 1");
        other.Script("python3", Answers);

        var (facts, missing) = await new EngineProgram(searchPath: $"{_programs.Path}:{other.Path}").CheckAsync(Ct);

        missing.ShouldBeNull();
        facts.ShouldBe(new EngineFacts(other.File("python3"), "2.0.8.0"));
        (await new EngineProgram(_programs.File("python3")).CheckAsync(Ct)).MissingReason!.ShouldContain("torrents.python");
    }

    [Fact]
    public async Task One_that_does_not_stay_up_is_given_up_with_the_reason_and_tried_again_later()
    {
        _programs.Script("python3", $"{Answers}; echo x >> {_programs.File("starts")}; echo 'RuntimeError: no room' >&2; exit 3");
        await using var engine = Swarm.Engine(program: Program(), clock: new FastClock(100));

        for (var times = 1; times <= 2; times++)
        {
            (await AddAsync(engine).ShouldThrowAsync<TorrentException>()).Message.ShouldBe(
                "The torrent engine does not stay up: it ended with exit code 3: RuntimeError: no room.");
            File.ReadAllLines(_programs.File("starts")).Length.ShouldBe(5 * times);
            engine.ProcessId.ShouldBeNull();
        }
    }

    [Fact]
    public async Task What_speaks_another_language_is_ended()
    {
        _programs.Script("python3", $"{Answers}; echo $$ >> {_programs.File("ids")}; head -c 100000 /dev/zero | tr '\\0' x; sleep 100");
        await using var engine = Swarm.Engine(program: Program(), clock: new FastClock(100));

        await AddAsync(engine).ShouldThrowAsync<TorrentException>();

        var ids = await Shell.ProcessIdsAsync(_programs.File("ids"), 5);
        (await Eventually.Holds(() => !ids.Any(Shell.IsAlive))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_deleted_does_not_get_in_the_way()
    {
        _programs.Script("python3", "exit 1");
        await using var engine = Swarm.Engine(program: Program());
        MagnetLink.TryParse("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567", out var link).ShouldBeTrue();

        // Of this process, and of a kind from which nobody can delete anything.
        (await engine.AddAsync(link, "/proc/self/net/stat", Ct).ShouldThrowAsync<TorrentException>()).Message.ShouldContain("libtorrent");
    }

    [Fact]
    public async Task It_ends_half_a_minute_after_the_last_torrent()
    {
        await Seeder.RequirePythonAsync();
        var clock = new FakeClock();
        await using var engine = Swarm.Engine(clock: clock);
        engine.ProcessId.ShouldBeNull();
        var torrent = await AddAsync(engine);
        var process = engine.ProcessId.ShouldNotBeNull();

        clock.Advance(TimeSpan.FromMinutes(2));
        await torrent.DisposeAsync();
        clock.Advance(TimeSpan.FromSeconds(29));
        Shell.IsAlive(process).ShouldBeTrue();
        clock.Advance(TimeSpan.FromSeconds(1));

        (await Eventually.Holds(() => !Shell.IsAlive(process))).ShouldBeTrue();
        await using var next = await AddAsync(engine);
        engine.ProcessId.ShouldNotBe(process);
    }

    private EngineProgram Program() => new(searchPath: _programs.Path);

    private Task<Torrent> AddAsync(TorrentEngine engine)
    {
        MagnetLink.TryParse("magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567", out var link).ShouldBeTrue();
        return engine.AddAsync(link, _programs.File("torrent"), Ct);
    }
}
