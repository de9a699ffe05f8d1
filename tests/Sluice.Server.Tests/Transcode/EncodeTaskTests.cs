using System.Globalization;
using Shouldly;
using Sluice.Media.Cmaf;
using Sluice.Server.Hosting;
using Sluice.Server.Transcode;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>Chunks made in several runs, put together: every frame where it belongs, every sample of sound too.</summary>
public sealed class EncodeTaskTests(EncodeTaskTests.Film film) : IClassFixture<EncodeTaskTests.Film>
{
    /// <summary>21 s of 23.976 frames a second in Matroska, which rounds times to milliseconds, with AC-3.</summary>
    public sealed class Film : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-film-");

        public Film()
        {
            Path = System.IO.Path.Combine(_folder.FullName, "film.mkv");
            Ffmpeg.Make(
                "-f lavfi -i testsrc2=s=320x180:r=24000/1001 -f lavfi -i aevalsrc=sin(440*2*PI*t)*0.3+sin(1000*t*t)*0.2:s=48000:c=stereo -frames:v 503 -t 20.979 "
                + "-c:v mpeg4 -q:v 3 -bf 2 -g 60 -c:a ac3 -b:a 192k", Path);
        }

        public string Path { get; }

        internal EncodeSource Source => new()
        {
            Path = Path,
            StartsAtZero = true,
            Video = new EncodedPicture(0, new Rational(24000, 1001), 503 * 1001 / 24000.0, 320, 180, false, false, new ColorTags(null, null, null), false),
            Audio = [new EncodedSound(1, 48000, 2, 0, 20.979, 1536, "en", null, true)],
        };

        public void Dispose() => _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Runs_join_without_a_seam()
    {
        await using var rig = await EncodeRig.PlanAsync(film.Source);
        await rig.EncodeAsync((1, 2), (3, 5), (2, 6));

        foreach (var rung in (string[])["v0", "v1"])
        {
            var path = await rig.FileOfAsync(rung);
            var video = (await PacketStream.ReadAsync(path)).ShouldHaveSingleItem();
            video.TicksPerSecond.ShouldBe(24000);
            video.Packets.Select(p => p.Pts!.Value - 24000).Order().ShouldBe(Enumerable.Range(0, 503).Select(i => i * 1001L));
            video.Packets.Zip(video.Packets.Skip(1)).ShouldAllBe(pair => pair.Second.Dts - pair.First.Dts == 1001);
            video.Packets.Index().Where(p => p.Item.IsKey).Select(p => p.Index).ShouldBe([0, 96, 192, 288, 384]);
            WorstFrame(path, film.Path).ShouldBeGreaterThan(0.85);
        }

        var sound = await rig.FileOfAsync("a0");
        var audio = (await PacketStream.ReadAsync(sound)).ShouldHaveSingleItem();
        audio.Packets.Select(p => p.Pts!.Value).ShouldBe(Enumerable.Range(-1, 985).Select(i => 48000 + (i * 1024L)));
        rig.StoredObjects().ShouldBe(["a0.dat", "a0.idx", "plan.json", "source", "v0.dat", "v0.idx", "v1.dat", "v1.idx"], ignoreOrder: true);
        (await rig.Catalog.ListChunksAsync(rig.Asset, TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sound_at_a_seam_is_what_one_pass_makes_of_it()
    {
        await using var rig = await EncodeRig.PlanAsync(film.Source);
        await rig.EncodeAsync((1, 2), (2, 3), (3, 4), (4, 6));

        var chunked = Samples(await rig.FileOfAsync("a0"), skip: 1024);
        var source = Samples(film.Path, skip: 0);

        // The error of the encoder against the source: nowhere near a seam is it much more than anywhere else.
        var errors = Errors(source, chunked, 1024);
        var seams = new[] { 4.004, 8.008, 12.012, 16.016 }.Select(t => (int)(t * 48000 / 1024)).SelectMany(b => Enumerable.Range(b - 2, 5)).ToHashSet();
        var worstSeam = seams.Max(b => errors[b]);
        var typical = errors.Index().Where(e => !seams.Contains(e.Index)).Select(e => e.Item).Order().ElementAt((errors.Length * 95 / 100) - seams.Count);
        worstSeam.ShouldBeLessThan(typical * 2.5);
    }

    [Theory]
    [InlineData("h264", "avc1.")]
    [InlineData("hevc", "hvc1.")]
    [InlineData("av1", "av01.")]
    public async Task Every_codec_joins(string codec, string codecs)
    {
        var options = new SluiceOptions { Ladder = [90], Transcode = { Codec = codec, Preset = codec == "av1" ? "12" : "ultrafast" } };
        await using var rig = await EncodeRig.PlanAsync(film.Source, options);
        await rig.EncodeAsync((3, 6), (2, 3), (1, 2));

        rig.Plan.Renditions[0].Description.ShouldStartWith(codecs);
        var path = await rig.FileOfAsync("v0");
        var video = (await PacketStream.ReadAsync(path)).ShouldHaveSingleItem();
        video.Packets.Select(p => p.Pts!.Value - 24000).Order().ShouldBe(Enumerable.Range(0, 503).Select(i => i * 1001L));
        // SVT-AV1 is not told where, but how long a group is: the last chunk, which is longer, has two.
        video.Packets.Index().Where(p => p.Item.IsKey).Select(p => p.Index).ShouldBe(codec == "av1" ? [0, 96, 192, 288, 384, 480] : [0, 96, 192, 288, 384]);
        Ffmpeg.Run($"-i {path} -f null -");
    }

    private static double WorstFrame(string encoded, string source)
    {
        var log = System.IO.Path.GetTempFileName();
        try
        {
            Ffmpeg.Make($"-i {encoded} -i {source} -lavfi [0:v]setpts=PTS-STARTPTS[a];[1:v]fps=24000/1001,setpts=PTS-STARTPTS,scale=320:180[b];[a]scale=320:180[c];[c][b]ssim=stats_file={log} -f null -");
            var all = File.ReadLines(log).Select(l => double.Parse(l.Split("All:")[1].Split(' ')[0], CultureInfo.InvariantCulture)).ToList();
            all.Count.ShouldBe(503);
            return all.Min();
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static float[] Samples(string path, int skip)
    {
        var raw = System.IO.Path.GetTempFileName();
        try
        {
            Ffmpeg.Make($"-i {path} -map 0:a -ac 1 -f f32le {raw}");
            var bytes = File.ReadAllBytes(raw);
            var samples = new float[bytes.Length / 4];
            Buffer.BlockCopy(bytes, 0, samples, 0, samples.Length * 4);
            return samples[skip..];
        }
        finally
        {
            File.Delete(raw);
        }
    }

    private static double[] Errors(float[] source, float[] encoded, int block)
    {
        var errors = new double[Math.Min(source.Length, encoded.Length) / block];
        for (var b = 0; b < errors.Length; b++)
        {
            for (var i = b * block; i < (b + 1) * block; i++)
            {
                errors[b] += Math.Pow(source[i] - encoded[i], 2);
            }

            errors[b] = Math.Sqrt(errors[b] / block);
        }

        return errors;
    }
}
