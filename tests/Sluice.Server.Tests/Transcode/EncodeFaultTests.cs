using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Processes;
using Sluice.Server.Tests.Support;
using Sluice.Server.Transcode;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>An ffmpeg that crashes, hangs or lies: the rest of the title is encoded, and the job says what is missing.</summary>
public sealed class EncodeFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-faults-");
    private readonly string _film;

    public EncodeFaultTests()
    {
        _film = Path.Combine(_folder.FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -f lavfi -i sine=440:r=48000 -t 20 -c:v mpeg4 -q:v 5 -c:a libmp3lame", _film);
    }

    [Fact]
    public async Task A_chunk_that_crashes_the_encoder_becomes_black_and_the_rest_is_encoded()
    {
        // Any run that decodes frame 250, in the third chunk, ends without a word when it comes there.
        var tools = Stub("""
            case "$*" in *"trim=start_pts=200:"*) exit 1 ;; *"trim=start_pts=0:"*) shift_end=yes ;; esac
            if [ -n "${shift_end:-}" ]; then exec REAL "${@//:end_pts=500/:end_pts=230}"; fi
            exec REAL "$@"
            """);
        await using var rig = await EncodeRig.PlanAsync(Source, Options(), tools);
        var result = await rig.RunAsync(1, 6);

        result.Reason.ShouldBeNull();
        var job = (await rig.Catalog.ListJobsAsync(rig.Asset, null, 1, default)).ShouldHaveSingleItem();
        job.Reason.ShouldNotBeNull().ShouldContain("00:00:08");
        var film = await rig.FileOfAsync("v0");
        (await PacketStream.ReadAsync(film)).ShouldHaveSingleItem().Packets.Count.ShouldBe(500);
        Ffmpeg.Run($"-i {film} -f null -");
        BlackSeconds(film).ShouldBe(4, 0.2);
    }

    [Fact]
    public async Task An_encoder_that_is_killed_is_begun_with_less_memory_one_rendition_at_a_time()
    {
        // As on a machine where the usual run does not fit, the trial before it neither.
        await using var rig = await EncodeRig.PlanAsync(Source, Options(), Stub("""
            case "$*" in *"-filter_complex_threads 1 -threads 1 "*"[v0]"*"[a0]"*end_pts=500*) ;; *"-filter_complex_threads 1 -threads 1 "*) exec REAL "$@" ;; esac
            kill -9 $$
            """));
        var result = await rig.RunAsync(1, 6);

        (result.Reason, result.MadeProgress).ShouldBe((null, true));
        Ffmpeg.Run($"-i {await rig.FileOfAsync("v0")} -f null -");
        (await PacketStream.ReadAsync(await rig.FileOfAsync("v0"))).ShouldHaveSingleItem().Packets.Count.ShouldBe(500);
        (await rig.Catalog.ListJobsAsync(rig.Asset, null, 1, default)).ShouldHaveSingleItem().Reason.ShouldBeNull("a part is black");
    }

    [Fact]
    public async Task An_encoder_that_is_always_killed_is_no_verdict_on_the_source()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, Options(), Stub("""
            case "$*" in *"trim=start_pts=0:end_pts=4,"*) exec REAL "$@" ;; esac
            kill -9 $$
            """));
        var result = await rig.RunAsync(1, 6);

        result.Reason.ShouldNotBeNull().ShouldContain("most likely because the machine ran out of memory");
        result.MayRetry.ShouldBeTrue();
        (await rig.Catalog.ListChunksAsync(rig.Asset, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_encoder_that_hangs_is_ended_and_the_task_fails_with_the_reason()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, Options(), Stub("""
            case "$*" in *"trim=start_pts=0:end_pts=4,"*) exec REAL "$@" ;; esac
            sleep 600
            """));
        var result = await rig.RunAsync(1, 6).WaitAsync(Eventually.Patience); // The encoder would sleep for longer.

        result.Reason.ShouldNotBeNull().ShouldContain("no sign of life");
        result.MayRetry.ShouldBeTrue();
        (await rig.Catalog.ListChunksAsync(rig.Asset, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_source_that_ends_early_is_held_at_its_last_picture()
    {
        var source = Source;
        await using var rig = await EncodeRig.PlanAsync(source with { Video = source.Video! with { EndSeconds = 24 } }, Options());
        var result = await rig.RunAsync(1, 7);

        result.Reason.ShouldBeNull();
        (await PacketStream.ReadAsync(await rig.FileOfAsync("v0"))).ShouldHaveSingleItem().Packets.Count.ShouldBe(600);
    }

    [Fact]
    public async Task A_source_that_cannot_be_decoded_is_refused_when_it_is_planned()
    {
        var broken = Path.Combine(_folder.FullName, "broken.avi");
        var bytes = await File.ReadAllBytesAsync(_film, TestContext.Current.CancellationToken);
        Array.Fill<byte>(bytes, 0x55, 6000, bytes.Length - 6000);
        await File.WriteAllBytesAsync(broken, bytes, TestContext.Current.CancellationToken);

        var problem = await EncodeRig.WhyNotAsync(Source with { Path = broken }, Options());

        problem.ShouldNotBeNull().ShouldStartWith("ffmpeg cannot encode it");
        problem.ShouldNotContain(_folder.FullName);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private EncodeSource Source => new()
    {
        Path = _film,
        StartsAtZero = true,
        Video = new EncodedPicture(0, new Rational(25, 1), 20, 160, 90, false, false, new ColorTags(null, null, null), false),
        Audio = [new EncodedSound(1, 48000, 1, 0, 20, 1152, null, null, true)],
    };

    private static SluiceOptions Options() => new() { Ladder = [90], Transcode = { SilenceSeconds = 4 } };

    /// <summary>An ffmpeg that does what the script says; REAL is the real one.</summary>
    private FfmpegTools Stub(string script)
    {
        Tool.Require("ffmpeg");
        var real = new FfmpegTools().Program!;
        var path = Path.Combine(_folder.FullName, "ffmpeg");
        File.WriteAllText(path, "#!/bin/bash\n" + script.Replace("REAL", real, StringComparison.Ordinal) + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        return new FfmpegTools(path);
    }

    private static double BlackSeconds(string film)
    {
        var log = Path.GetTempFileName();
        try
        {
            Ffmpeg.Make($"-i {film} -vf blackdetect=d=0.5,metadata=print:file={log} -an -f null -");
            var times = File.ReadLines(log).Where(l => l.Contains("lavfi.black_", StringComparison.Ordinal))
                .Select(l => double.Parse(l.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
            return times[^1] - times[0];
        }
        finally
        {
            File.Delete(log);
        }
    }
}
