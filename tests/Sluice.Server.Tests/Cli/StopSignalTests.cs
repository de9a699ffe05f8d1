using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary>Ctrl-C and SIGTERM, sent to the real process.</summary>
public sealed class StopSignalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-stop-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("INT", true)]
    [InlineData("TERM", false)]
    public async Task Package_takes_back_what_it_wrote(string signal, bool outputIsThere)
    {
        // Eleven hours at a frame a second: forty thousand files to write, long enough to be caught at it.
        var film = Path.Combine(_folder.FullName, "film.mp4");
        Ffmpeg.Make("-f lavfi -i color=s=32x32:r=1 -t 40000 -c:v libx264 -preset ultrafast -g 1", film);
        var (output, temporary) = (_folder.CreateSubdirectory("parent").FullName, _folder.CreateSubdirectory("tmp"));
        output = Path.Combine(output, "tree");
        if (outputIsThere)
        {
            Directory.CreateDirectory(output);
        }

        await using var sluice = SluiceProcess.Start(["package", film, "-o", output],
            new() { ["TMPDIR"] = temporary.FullName, ["SLUICE__PACKAGE__SEGMENTSECONDS"] = "1" });
        (await Eventually.Holds(() => File.Exists(Path.Combine(output, "v0", "1.m4s")))).ShouldBeTrue(sluice.Errors);
        await sluice.SignalAsync(signal);

        (await sluice.ExitAsync()).ShouldBe(130);
        sluice.Errors.TrimEnd().ShouldEndWith("sluice: stopped");
        sluice.Output.ShouldBeEmpty();
        Directory.Exists(output).ShouldBe(outputIsThere);
        Directory.GetFileSystemEntries(outputIsThere ? output : Path.GetDirectoryName(output)!).ShouldBeEmpty();
        temporary.GetDirectories("sluice-package-*").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("add", "INT")]
    [InlineData("add", "TERM")]
    [InlineData("token", "INT")]
    public async Task A_request_under_way_is_given_up(string command, string signal)
    {
        var asked = new TaskCompletionSource();
        await using var server = await ApiStub.StartAsync(async context =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var file = Path.Combine(_folder.FullName, "a.mp4");
        await File.WriteAllBytesAsync(file, new byte[1000]);

        await using var sluice = SluiceProcess.Start([command, file, "--server", server.Url.ToString()]);
        await asked.Task.WaitAsync(Eventually.Patience);
        await sluice.SignalAsync(signal);

        (await sluice.ExitAsync()).ShouldBe(130);
        sluice.Errors.TrimEnd().ShouldBe("sluice: stopped");
    }
}
