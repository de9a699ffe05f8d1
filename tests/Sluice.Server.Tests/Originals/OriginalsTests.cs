using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Processes;
using Sluice.Server.Tests.AnyFiles;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Originals;

/// <summary>What was encoded so that nobody waits is offered as it is too, a little later, and in step with the encoded renditions.</summary>
public sealed class OriginalsTests : IAsyncLifetime
{
    private const string Picture = "-f lavfi -i testsrc2=s=320x180:r=25:d=8,drawbox=c=white:t=fill:enable=between(mod(t\\,4)\\,1\\,1.2)";

    /// <summary>Its beeps come with the picture's flashes, although it begins 0.7 s later.</summary>
    private const string LateSound =
        "-itsoffset 0.7 -f lavfi -i aevalsrc=0.4*sin(2*PI*1000*t)*between(mod(t+0.7\\,4)\\,1\\,1.2)+0.02*sin(2*PI*300*t):s=48000:d=7.3:c=stereo";

    private const string Hevc = "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=50";

    private const double Millisecond = 0.001;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-originals-");
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StartAsync(_ => { });

    [Theory]
    [InlineData("film.ts", Hevc + " -c:a aac -b:a 96k", "v1", "a1")]
    [InlineData("old.ts", "-c:v mpeg2video -q:v 5 -c:a aac -b:a 96k", "v0", "a1")]
    [InlineData("film.mkv", Hevc + " -pix_fmt yuv420p10le -c:a libopus -b:a 96k", "v1", "a1")]
    [InlineData("flac.mkv", "-c:v mpeg4 -q:v 5 -c:a flac", "v0", "a1")]
    public async Task Picture_and_sound_come_as_they_are_and_in_step(string name, string codecs, string video, string audio)
    {
        var file = Make(name, $"{Picture} {LateSound} {codecs}");
        var title = await UploadAsync(file);
        var version = await PlaysEncodedAsync(title);
        (await title.EndOfAsync(JobKind.Remux)).Reason.ShouldBeNull();

        // The same zero as the encoded renditions have, which begin at 1 s: every packet of the source is where it was.
        var picture = await title.SaveAsync(version, video, _folder.FullName);
        var sound = await title.SaveAsync(version, audio, _folder.FullName);
        await ShouldBeTheSourcesAsync(file, sound, "a");
        if (video != "v0")
        {
            await ShouldBeTheSourcesAsync(file, picture, "v");
            (await title.MasterAsync()).ShouldContain("CODECS=\"hvc1.");
        }

        // And what is seen and heard is where the encoded ones show it.
        var encoded = Marks.OfTracks(await title.SaveAsync(version, "v0", _folder.FullName), await title.SaveAsync(version, "a0", _folder.FullName));
        var original = Marks.OfTracks(picture, sound);
        original.Flashes.Length.ShouldBe(2);
        original.Beeps.Length.ShouldBe(2);
        original.Flashes.Zip(encoded.Flashes).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 0.04);
        original.Beeps.Zip(encoded.Beeps).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 0.011);
        original.Flashes.Zip(original.Beeps).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 0.04);
    }

    [Fact]
    public async Task A_light_aac_takes_the_place_of_the_encoded_one_for_whoever_comes_next()
    {
        var title = await UploadAsync(Make("light.mkv", $"{Picture} {LateSound} -c:v mpeg4 -q:v 5 -c:a aac -b:a 96k -metadata:s:a:0 language=eng"));
        var version = await PlaysEncodedAsync(title);
        await title.EndOfAsync(JobKind.Remux);

        TitleReader.TracksOf(await title.MasterAsync()).ShouldBe([(version, "a1"), (version, "v0")], ignoreOrder: true);
        (await title.MasterAsync()).ShouldContain("NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES");
        (await title.StatusAsync($"{version}/a0/1.m4s")).ShouldBe(HttpStatusCode.OK, "who plays it plays on");

        // Nor does its completion bring it back.
        await title.EndOfAsync(JobKind.Encode);
        TitleReader.TracksOf(await title.MasterAsync()).ShouldNotContain((version, "a0"));
    }

    [Fact]
    public async Task Who_was_killed_after_the_row_was_written_does_nothing_twice()
    {
        var title = await UploadAsync(Make("again.mkv", $"{Picture} {LateSound} -c:v mpeg4 -q:v 5 -c:a libopus"));
        var first = await title.EndOfAsync(JobKind.Remux);
        var view = (await title.ViewAsync()).GetProperty("renditions").ToString();
        var jobs = _server.App.Services.GetRequiredService<JobControl>();
        await jobs.AddAsync(first.Asset, [new NewJob(JobKind.Remux, [new NewTask(Urgency.Title)])], TestContext.Current.CancellationToken);

        (await title.EndOfAsync(JobKind.Remux)).Id.ShouldNotBe(first.Id);
        (await title.ViewAsync()).GetProperty("renditions").ToString().ShouldBe(view);
    }

    [Fact]
    public async Task Another_codec_is_a_second_group_and_another_set()
    {
        using var schema = DashSchema.Require();
        var title = await UploadAsync(Make("two.mkv",
            $"{Picture} {LateSound} -map 0 -map 1 -map 1 -c:v mpeg4 -q:v 5 -c:a:0 libopus -c:a:1 ac3 -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger"));
        await PlaysEncodedAsync(title);
        await title.EndOfAsync(JobKind.Remux);

        var master = await title.MasterAsync();
        master.Split('\n').Where(l => l.StartsWith("#EXT-X-MEDIA", StringComparison.Ordinal)).Select(l => l[..l.IndexOf(",DEFAULT", StringComparison.Ordinal)]).ShouldBe(
        [
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\"",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"German\",LANGUAGE=\"de\"",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-2\",NAME=\"English\",LANGUAGE=\"en\"",
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-2\",NAME=\"German\",LANGUAGE=\"de\"",
        ]);
        master.ShouldContain("CODECS=\"avc1.");
        master.Split('\n').Count(l => l.StartsWith("#EXT-X-STREAM-INF", StringComparison.Ordinal)).ShouldBe(2);
        var mpd = await title.MpdAsync();
        schema.Errors(mpd).ShouldBeEmpty();
        mpd.Split("<AdaptationSet").Length.ShouldBe(5, "a picture and three sounds");
    }

    [Fact]
    public async Task When_they_cannot_be_repackaged_the_title_stays_as_it_is_and_the_job_says_why()
    {
        var tools = _folder.CreateSubdirectory("tools").FullName;
        var ffmpeg = new FfmpegTools();
        Script(Path.Combine(tools, "ffmpeg"), $"""
            case "$*" in *-movie_timescale*) echo "disk of sand" >&2; exit 3 ;; esac
            exec {ffmpeg.Program} "$@"
            """);
        Script(Path.Combine(tools, "ffprobe"), $"exec {ffmpeg.ProbeProgram} \"$@\"");
        await using var server = await StartAsync(o => o.Transcode.Ffmpeg = Path.Combine(tools, "ffmpeg"));
        var title = await UploadAsync(Make("sand.mkv", $"{Picture} {LateSound} -c:v mpeg4 -q:v 5 -c:a aac"), server);
        var before = TitleReader.TracksOf(await title.MasterAsync());

        var job = await title.EndOfAsync(JobKind.Remux);
        (job.State, job.Reason).ShouldBe((JobState.Failed, "ffmpeg ended with exit code 3"));
        job.Log.ShouldNotBeNull().ShouldContain("disk of sand");
        (await title.ViewAsync()).Text("state").ShouldBe("ready");
        TitleReader.TracksOf(await title.MasterAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task The_verdict_says_that_the_originals_follow()
    {
        var title = await UploadAsync(Make("words.mkv", $"{Picture} {LateSound} {Hevc} -c:a aac"));

        var tracks = (await title.ViewAsync()).GetProperty("tracks").EnumerateArray().ToList();
        tracks[0].Text("reason").ShouldBe("not all browsers play HEVC; the original follows");
        tracks[1].Text("reason").ShouldBe(
            "it is encoded beside the picture, so that nobody waits for the whole file to be repackaged; the original follows");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string Make(string name, string arguments)
    {
        var path = Path.Combine(_folder.FullName, name);
        Ffmpeg.Make(arguments, path);
        return path;
    }

    private static Task<SluiceServer> StartAsync(Action<SluiceOptions> change) => SluiceServer.StartAsync(
        options: o =>
        {
            o.Transcode.Enabled = true;
            o.Transcode.LadderForCopied = false;
            o.Ladder = [180];
            change(o);
        },
        configure: b => b.Services.AddSingleton(TimeProvider.System),
        realPackager: true);

    private static void Script(string path, string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Not tested: needs a shell.");
        File.WriteAllText(path, "#!/bin/bash\n" + script + "\n");
#pragma warning disable CA1416 // Skipped above.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }

    private async Task<TitleReader> UploadAsync(string file, SluiceServer? server = null)
    {
        using var answer = await (server ?? _server).UploadFileAsync(file);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var media = await answer.JsonAsync();
        media.Text("state").ShouldBe("ready");
        return new TitleReader(server ?? _server, media);
    }

    /// <summary>It plays at once, encoded; answers the version in its URLs.</summary>
    private static async Task<string> PlaysEncodedAsync(TitleReader title)
    {
        title.AtFirst.GetProperty("revision").GetInt32().ShouldBe(0);
        title.AtFirst.GetProperty("renditions").EnumerateArray().ShouldAllBe(r => r.GetProperty("isEncoded").GetBoolean());
        var (version, _) = TitleReader.TracksOf(await title.MasterAsync())[0];
        (await title.StatusAsync($"{version}/v0/init.mp4")).ShouldBe(HttpStatusCode.OK);
        return version;
    }

    /// <summary>All packets of the source's stream, byte for byte where the container does not wrap them, at its times to a millisecond.</summary>
    private static async Task ShouldBeTheSourcesAsync(string source, string served, string kind)
    {
        var start = double.Parse(
            Ffmpeg.Probe($"-show_entries format=start_time -of csv=p=0 {source}")[0], System.Globalization.CultureInfo.InvariantCulture);
        var before = (await PacketStream.ReadAsync(source, kind)).ShouldHaveSingleItem();
        var after = (await PacketStream.ReadAsync(served, kind)).ShouldHaveSingleItem();

        after.Packets.Count.ShouldBe(before.Packets.Count);
        Times(after).Zip(Times(before)).ShouldAllBe(p => Math.Abs(p.First - 1 - (p.Second - start)) < Millisecond);
        if (!source.EndsWith(".ts", StringComparison.Ordinal))
        {
            after.Packets.Select(p => p.Hash).ShouldBe(before.Packets.Select(p => p.Hash));
        }

        static List<double> Times(PacketStream stream) => [.. stream.Packets.Select(p => p.Pts!.Value / (double)stream.TicksPerSecond).Order()];
    }
}
