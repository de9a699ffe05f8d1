using Shouldly;
using Sluice.Server.Processes;
using Xunit;

namespace Sluice.Server.Tests.Processes;

/// <summary>Which ends of ffmpeg say something about its file.</summary>
public sealed class FfmpegFailureTests
{
    [Theory]
    [InlineData(137, "", true)]
    [InlineData(143, "", true)]
    [InlineData(255, "Exiting normally, received signal 15.", true)]
    [InlineData(1, "x264 [error]: malloc of size 4713984 failed", true)]
    [InlineData(1, "Error while filtering: Cannot allocate memory", true)]
    [InlineData(255, "Conversion failed!", false)]
    [InlineData(1, "Invalid data found when processing input", false)]
    [InlineData(139, "", false)]
    [InlineData(134, "Assertion failed", false)]
    [InlineData(0, "Cannot allocate memory", false)]
    public void What_ended_it(int code, string words, bool isFromOutside) =>
        (FfmpegFailure.FromOutside(new ChildExit(ExitReason.Exited, code, default), words) is not null).ShouldBe(isFromOutside);

    [Theory]
    [InlineData(nameof(ExitReason.Killed))]
    [InlineData(nameof(ExitReason.Silent))]
    [InlineData(nameof(ExitReason.TimedOut))]
    public void What_this_server_ended_was_not_ended_from_outside(string reason) =>
        FfmpegFailure.FromOutside(new ChildExit(Enum.Parse<ExitReason>(reason), 137, default), "").ShouldBeNull();

    [Fact]
    public async Task A_process_that_the_kernel_kills_is_told_with_the_likely_cause()
    {
        Shell.RequireLinux();
        await using var child = await Shell.StartAsync(Shell.Script("kill -9 $$"));

        FfmpegFailure.FromOutside(await child.Completion, child.ErrorTail).ShouldNotBeNull().ShouldContain("killed, most likely because the machine ran out of memory");
    }

    [Theory]
    [InlineData(153, "", true)]
    [InlineData(1, "av_interleaved_write_frame(): No space left on device", true)]
    [InlineData(1, "Invalid argument", false)]
    [InlineData(0, "No space left on device", false)]
    public void What_found_no_room(int code, string words, bool isFull) =>
        FfmpegFailure.IsDiskFull(new ChildExit(ExitReason.Exited, code, default), words).ShouldBe(isFull);
}
