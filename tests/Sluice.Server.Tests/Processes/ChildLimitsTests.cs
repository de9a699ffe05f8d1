using System.Globalization;
using Shouldly;
using Sluice.Server.Processes;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Processes;

/// <summary>Each limit, run into by a real process.</summary>
public sealed class ChildLimitsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-limits-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Memory()
    {
        RequireGuards();
        // tail keeps the whole of a line, which here has no end.
        const string hungry = "head -c 300000000 /dev/zero | tail -c 300000000 > /dev/null";

        (await Shell.RunAsync(hungry, new ChildLimits { MemoryBytes = 64 << 20 })).Code.ShouldBe(1);
        (await Shell.RunAsync(hungry, new ChildLimits { MemoryBytes = 1L << 30 })).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Size_of_a_file()
    {
        RequireGuards();
        var file = Path.Combine(_folder, "large");
        await using var child = await Shell.StartAsync(
            Shell.Script("exec head -c 5000000 /dev/zero > \"$1\"", new ChildLimits { FileBytes = 1_000_000 }, file));

        var exit = await child.Completion;

        exit.ToString().ShouldBe("wrote more than it may");
        new FileInfo(file).Length.ShouldBe(1_000_000);
    }

    [Fact]
    public async Task Processor_time()
    {
        RequireGuards();

        var exit = await Shell.RunAsync("while :; do :; done", new ChildLimits { CpuSeconds = 1 });

        exit.ToString().ShouldBe("used up its processor time");
        exit.CpuTime.ShouldBeInRange(TimeSpan.FromSeconds(0.7), TimeSpan.FromSeconds(1.3));
    }

    [Fact]
    public async Task Time()
    {
        var exit = await Shell.RunAsync("sleep 100", new ChildLimits { WallTime = TimeSpan.FromMilliseconds(300) });

        exit.Reason.ShouldBe(ExitReason.TimedOut);
        exit.ToString().ShouldBe("took too long and was ended");
    }

    [Fact]
    public async Task Silence()
    {
        var limits = new ChildLimits { Silence = TimeSpan.FromSeconds(2) };

        (await Shell.RunAsync("for i in 1 2 3 4 5; do echo $i; sleep 0.5; done", limits)).IsSuccess.ShouldBeTrue();
        (await Shell.RunAsync("echo on standard error >&2; sleep 100", limits)).Reason.ShouldBe(ExitReason.Silent);
    }

    [Fact]
    public async Task Standing_back()
    {
        RequireGuards();

        // These tests may be run standing back themselves.
        (await NiceAsync(new ChildLimits { Nice = 7 })).ShouldBe(Math.Min(19, await NiceAsync(new ChildLimits()) + 7));
    }

    private static async Task<int> NiceAsync(ChildLimits limits)
    {
        await using var child = await Shell.StartAsync(Shell.Script("nice", limits) with { ReadsOutput = true });
        return int.Parse(await child.ReadOutputAsync(100, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    private static void RequireGuards()
    {
        Tool.Require("prlimit");
        ChildGuards.System.Missing.ShouldBeNull();
    }
}
