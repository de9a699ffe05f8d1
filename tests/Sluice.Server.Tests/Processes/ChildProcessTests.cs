using System.Text;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Processes;

/// <summary>Real children: how they are started, how they end, and that nothing is left of them.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-children-").FullName;

    private string IdFile => Path.Combine(_folder, "ids");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Arguments_arrive_as_they_were_given()
    {
        string[] arguments = ["a b", "it's \"quoted\"", "two\nlines", "--version", "-", "", "$HOME `id` *", "naïve ✓", "a;b|c>d"];
        await using var child = await Shell.StartAsync(Shell.Script("printf '%s\\0' \"$@\"", null, arguments) with { ReadsOutput = true });

        var output = await child.ReadOutputAsync(1 << 16, TestContext.Current.CancellationToken);

        (await child.Completion).IsSuccess.ShouldBeTrue();
        Encoding.UTF8.GetString(output.ShouldNotBeNull()).ShouldBe(string.Concat(arguments.Select(a => a + '\0')));
    }

    [Fact]
    public async Task The_environment_is_reduced_and_standard_input_is_at_its_end()
    {
        Environment.SetEnvironmentVariable("SLUICE_TEST_SECRET", "tell nobody");
        await using var child = await Shell.StartAsync(Shell.Script("cat; env") with { ReadsOutput = true });

        var output = Encoding.UTF8.GetString((await child.ReadOutputAsync(1 << 16, TestContext.Current.CancellationToken)).ShouldNotBeNull());

        output.ShouldContain("PATH=");
        output.ShouldContain("LC_ALL=C.UTF-8");
        output.ShouldNotContain("SLUICE");
        output.ShouldNotContain("HOME=");
    }

    [Fact]
    public async Task Input_can_be_written()
    {
        await using var child = await Shell.StartAsync(Shell.Script("cat") with { ReadsOutput = true, WritesInput = true });
        await child.Input.WriteAsync("through the pipe"u8.ToArray(), TestContext.Current.CancellationToken);
        await child.Input.DisposeAsync();

        (await child.ReadOutputAsync(1 << 16, TestContext.Current.CancellationToken)).ShouldBe("through the pipe"u8.ToArray());
    }

    [Fact]
    public async Task Much_output_streams_and_waits_for_its_reader()
    {
        await using var child = await Shell.StartAsync(
            Shell.Script("head -c 50000000 /dev/zero", new ChildLimits { Silence = TimeSpan.FromSeconds(1) }) with { ReadsOutput = true });
        await Task.Delay(2000, TestContext.Current.CancellationToken); // Longer than its silence may last, but nobody listened.

        long count = 0;
        var buffer = new byte[100_000];
        while (await child.Output.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read)
        {
            count += read;
        }

        count.ShouldBe(50_000_000);
        (await child.Completion).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Output_beyond_what_is_expected_ends_it()
    {
        await using var child = await Shell.StartAsync(Shell.Script("cat /dev/zero") with { ReadsOutput = true });

        (await child.ReadOutputAsync(1 << 20, TestContext.Current.CancellationToken)).ShouldBeNull();
        (await child.Completion).Reason.ShouldBe(ExitReason.Killed);
    }

    [Fact]
    public async Task Many_words_on_standard_error_are_read_and_their_end_is_kept()
    {
        await using var child = await Shell.StartAsync(Shell.Script(
            "head -c 20000000 /dev/zero | tr '\\0' x >&2; i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 3"));

        var exit = await child.Completion;

        exit.Code.ShouldBe(3);
        exit.Reason.ShouldBe(ExitReason.Exited);
        exit.Signal.ShouldBeNull();
        child.ErrorTail.ShouldEndWith("line 1998\nline 1999");
        child.ErrorTail.Length.ShouldBeLessThanOrEqualTo(ErrorText.KeptCharacters);
        child.ErrorTail.ShouldNotContain("xxx");
    }

    [Fact]
    public async Task Lines_that_are_taken_are_no_part_of_the_tail()
    {
        var taken = new List<string>();
        await using var child = await Shell.StartAsync(Shell.Script("echo frame=1 >&2; echo Oops >&2; printf 'speed=2x\\r\\n' >&2") with
        {
            TakesLine = line =>
            {
                if (line.Contains('='))
                {
                    taken.Add(line);
                }

                return line.Contains('=');
            },
        });
        await child.Completion;

        taken.ShouldBe(["frame=1", "speed=2x"]);
        child.ErrorTail.ShouldBe("Oops");
    }

    [Fact]
    public async Task A_fault_of_who_takes_lines_is_not_hidden()
    {
        await using var child = await Shell.StartAsync(Shell.Script("echo a=b >&2; cat; sleep 100 & wait") with
        {
            TakesLine = _ => throw new InvalidDataException("no such line"),
        });

        (await child.Completion.ShouldThrowAsync<InvalidDataException>()).Message.ShouldBe("no such line");
    }

    [Fact]
    public async Task Disposing_ends_all_descendants()
    {
        Shell.RequireLinux();
        var script = "sleep 100 & echo $! >> \"$1\"; (sleep 100 & echo $! >> \"$1\"; wait) & echo $$ >> \"$1\"; wait";
        var child = await Shell.StartAsync(Shell.Script(script, null, IdFile));
        var ids = await Shell.ProcessIdsAsync(IdFile, 3);
        ids.ShouldAllBe(id => Shell.IsAlive(id));

        await child.DisposeAsync();

        (await Eventually.Holds(() => !ids.Any(Shell.IsAlive))).ShouldBeTrue();
    }

    [Fact]
    public async Task Descendants_that_it_leaves_behind_go_with_it()
    {
        Shell.RequireLinux();
        await using var child = await Shell.StartAsync(Shell.Script("sleep 100 & echo $! >> \"$1\"; exit 0", null, IdFile));

        (await child.Completion).IsSuccess.ShouldBeTrue();

        var ids = await Shell.ProcessIdsAsync(IdFile, 1);
        (await Eventually.Holds(() => !ids.Any(Shell.IsAlive))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_cancelled_token_ends_it_and_is_told()
    {
        using var cancel = new CancellationTokenSource();
        await using var child = await ChildProcess.StartAsync(Shell.Script("sleep 100"), cancel.Token);

        await cancel.CancelAsync();

        var exit = await child.Completion;
        exit.Reason.ShouldBe(ExitReason.Killed);
        exit.Signal.ShouldBe(9);
        exit.IsSuccess.ShouldBeFalse();
    }

    /// <summary>Halted before the kernel is told to kill it with the server, it would stay for ever when the server is killed.</summary>
    [Fact]
    public async Task Halted_in_its_first_moment_it_has_its_guards_all_the_same()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there.");
        for (var i = 0; i < 20; i++)
        {
            await using var child = await Shell.StartAsync(Shell.Script("exec sleep 60"));

            child.Pause();

            var state = "";
            (await Eventually.Holds(() => (state = State(child.Id)).StartsWith('T'))).ShouldBeTrue(state);
            state.ShouldNotContain("set", Case.Sensitive, "halted in front of its guards");
            child.Resume();
            (await Eventually.Holds(() => !State(child.Id).StartsWith('T'))).ShouldBeTrue();
        }

        // State and name of the program.
        static string State(int pid)
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var (open, close) = (stat.IndexOf('(', StringComparison.Ordinal), stat.LastIndexOf(')'));
            return stat[(close + 2)..(close + 3)] + " " + stat[(open + 1)..close];
        }
    }

    [Fact]
    public async Task Paused_it_does_nothing_and_its_time_stands_still()
    {
        Shell.RequireLinux();
        var ticks = 0;
        var limits = new ChildLimits { Silence = TimeSpan.FromSeconds(2), WallTime = TimeSpan.FromMinutes(5) };
        await using var child = await Shell.StartAsync(Shell.Script("while :; do echo t=1 >&2; sleep 0.05; done", limits) with
        {
            TakesLine = _ => Interlocked.Increment(ref ticks) > 0,
        });
        (await Eventually.Holds(() => Volatile.Read(ref ticks) > 2)).ShouldBeTrue();

        child.Pause();
        var (paused, before) = (-1, -2); // What it wrote before is read first, which may take a moment.
        (await Eventually.Holds(async () =>
        {
            (before, paused) = (paused, Volatile.Read(ref ticks));
            await Task.Delay(200, TestContext.Current.CancellationToken);
            return before == paused;
        })).ShouldBeTrue("it goes on");
        await Task.Delay(2500, TestContext.Current.CancellationToken); // Longer than its silence may last.
        Volatile.Read(ref ticks).ShouldBe(paused);
        child.Completion.IsCompleted.ShouldBeFalse();

        child.Resume();
        (await Eventually.Holds(() => Volatile.Read(ref ticks) > paused + 2)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("/bin/no-such-program")]
    [InlineData("/etc/passwd")]
    public async Task What_cannot_be_started_is_answered(string program)
    {
        await using var child = await Shell.StartAsync(new ChildCommand { Program = program, Arguments = [], WorkingFolder = _folder });

        (await child.Completion).Reason.ShouldBe(ExitReason.StartFailed);
        (await child.ReadOutputAsync(10, TestContext.Current.CancellationToken)).ShouldBe([]);
        child.Kill();
    }

    [Fact]
    public async Task Without_guards_it_runs_all_the_same_and_ends_with_its_descendants()
    {
        Shell.RequireLinux();
        var none = new ChildGuards("");
        none.Missing.ShouldNotBeNull().ShouldContain("setsid, setpriv, prlimit, nice not found");
        var child = await ChildProcess.StartAsync(
            Shell.Script("sleep 100 & echo $! >> \"$1\"; wait", null, IdFile), none, TestContext.Current.CancellationToken);
        var ids = await Shell.ProcessIdsAsync(IdFile, 1);

        await child.DisposeAsync();

        (await Eventually.Holds(() => !ids.Any(Shell.IsAlive))).ShouldBeTrue();
    }
}
