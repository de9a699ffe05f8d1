using Shouldly;
using Sluice.Media.Remux;
using Sluice.Tests;
using Xunit;

namespace Sluice.Media.Tests.Remux;

/// <summary>Video and audio of different playlists are one stream, side by side as they would be from one.</summary>
public sealed class AudioApartTests(AudioApart sources) : IClassFixture<AudioApart>
{
    public static TheoryData<string, string> Pairs => new()
    {
        { "v.m3u8", "a.m3u8" },
        { "tv.m3u8", "ta.m3u8" },
        { "tv.m3u8", "packed.m3u8" },
        { "tv.m3u8", "mp3.m3u8" },
        { "tv.m3u8", "ac3.m3u8" },
        { "tv.m3u8", "eac3.m3u8" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Both_are_decoded_as_they_were_and_keep_step(string video, string audio)
    {
        var remuxed = sources.Join(video, audio);

        var file = sources.Hls.Write("out.ts", remuxed.Bytes);
        Ffmpeg.Run("-xerror -i", file, "-f", "null", "-");
        TsCheck.Of(remuxed.Bytes).Problems.ShouldBeEmpty();
        remuxed.Muxer.LateFrames.ShouldBe(0);
        remuxed.Muxer.TimesAlone.ShouldBe(0);
        var theirs = RemuxOracleTests.Decoded(sources.Hls.PathOf(video));
        theirs.AddRange(sources.Heard(audio));
        theirs.Count.ShouldBeGreaterThan(500);
        RemuxOracleTests.Same(RemuxOracleTests.Decoded(file), theirs);
    }

    [Theory]
    [InlineData("v.m3u8", "a.m3u8")]
    [InlineData("tv.m3u8", "packed.m3u8")]
    public void Packets_of_both_are_interleaved_whoever_comes_first(string video, string audio)
    {
        foreach (var audioFirst in new[] { 0, 1, 2, 3 })
        {
            var remuxed = sources.Join(video, audio, audioFirst);

            remuxed.Muxer.LateFrames.ShouldBe(0);
            var file = sources.Hls.Write("out.ts", remuxed.Bytes);
            var rows = Ffmpeg.Probe("-show_entries packet=stream_index,dts_time,pos -of csv=p=0", file);
            var packets = rows.Select(static r => r.Split(',')).Where(static r => r[2] != "N/A")
                .Select(static r => (Stream: r[0], Dts: double.Parse(r[1], System.Globalization.CultureInfo.InvariantCulture), Pos: long.Parse(r[2], System.Globalization.CultureInfo.InvariantCulture)))
                .OrderBy(static p => p.Pos).ToList();
            var newest = 0.0;
            foreach (var packet in packets)
            {
                (newest - packet.Dts).ShouldBeLessThan(0.45, "the clock runs 0.7 s ahead");
                newest = Math.Max(newest, packet.Dts);
            }
        }
    }
}

/// <summary>The same twelve seconds, as fragments and as transport streams, with the audio in all the ways that it may come.</summary>
public sealed class AudioApart : IDisposable
{
    private const string Pictures = "-f lavfi -i testsrc2=size=320x180:rate=25:duration=12 ";
    private const string Sound = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=12 ";
    private const string List = "-f hls -hls_list_size 0 ";

    public AudioApart()
    {
        Hls = new RemuxedHls($"{Pictures}{Sound}-map 0 -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -bf 2 {List}-hls_time 2 "
            + "-hls_segment_type fmp4 -hls_fmp4_init_filename v.mp4 -hls_segment_filename DIR/v%d.m4s", "v.m3u8");
        Make($"{Sound}-c:a aac {List}-hls_time 3 -hls_segment_type fmp4 -hls_fmp4_init_filename a.mp4 -hls_segment_filename DIR/a%d.m4s", "a.m3u8");
        Make($"{Pictures}-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -bf 2 {List}-hls_time 2 -hls_segment_filename DIR/tv%d.ts", "tv.m3u8");
        Make($"{Sound}-c:a aac {List}-hls_time 3 -hls_segment_filename DIR/ta%d.ts", "ta.m3u8");
        foreach (var (name, codec) in new[] { ("packed", "aac"), ("mp3", "libmp3lame"), ("ac3", "ac3"), ("eac3", "eac3") })
        {
            Pack(name, codec);
        }
    }

    internal RemuxedHls Hls { get; }

    public void Dispose() => Hls.Dispose();

    /// <summary>Muxes both.</summary>
    /// <param name="video">Playlist.</param>
    /// <param name="audio">Playlist.</param>
    /// <param name="ahead">Segments of audio that come before the first of video; then they take turns.</param>
    internal Remuxed Join(string video, string audio, int ahead = 1)
    {
        var joined = new Remuxed(isAudioApart: true);
        var (seen, heard) = (joined.Feeder(isAudio: false, IsFragments(video), false), joined.Feeder(isAudio: true, IsFragments(audio), IsPacked(audio)));
        var (pictures, sounds) = (new Queue<byte[]>(Hls.Segments(video)), new Queue<byte[]>(Hls.Segments(audio)));
        for (var turn = 0; pictures.Count + sounds.Count > 0; turn++)
        {
            var isSound = sounds.Count > 0 && (turn < ahead || turn % 2 == 1 || pictures.Count == 0);
            (isSound ? heard : seen)((isSound ? sounds : pictures).Dequeue());
        }

        seen([]);
        heard([]);
        return joined.Complete();
    }

    /// <summary>What is heard and when. In playlists of audio alone, ffmpeg does not keep the time at the seams: it is asked for one
    /// file, and of packed audio each frame follows the one before.</summary>
    internal IEnumerable<(string Stream, double Seconds, string Hash)> Heard(string audio)
    {
        var isPacked = IsPacked(audio);
        var source = isPacked ? Hls.PathOf(Path.ChangeExtension(audio, "bin"))
            : audio == "ta.m3u8" ? Hls.Write("ta.ts", [.. Hls.Segments(audio).SelectMany(static s => s)])
            : Hls.PathOf(audio);
        var frames = RemuxOracleTests.Decoded(source);
        return frames.Select(f => (Stream: "1", Seconds: isPacked ? f.Seconds - frames[0].Seconds + 1.4 : f.Seconds, f.Hash));
    }

    private static bool IsFragments(string playlist) => playlist is "v.m3u8" or "a.m3u8";

    private static bool IsPacked(string playlist) => playlist is not ("a.m3u8" or "ta.m3u8");

    private void Make(string arguments, string playlist) => Ffmpeg.Make(arguments.Replace("DIR", Hls.PathOf("").TrimEnd('/'), StringComparison.Ordinal), Hls.PathOf(playlist));

    /// <summary>Packed audio, cut anywhere between frames, each piece with its time in front.</summary>
    private void Pack(string name, string codec)
    {
        var extension = codec switch { "libmp3lame" => "mp3", "eac3" => "ec3", _ => codec };
        var format = codec switch { "aac" => "adts", "libmp3lame" => "mp3 -write_xing 0 -id3v2_version 0", _ => codec };
        Ffmpeg.Make($"{Sound}-c:a {codec} -f {format}", Hls.PathOf($"{name}.bin"));
        var bytes = File.ReadAllBytes(Hls.PathOf($"{name}.bin"));
        var list = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXT-X-VERSION:3\n";
        var (at, samples) = (0, 0L);
        for (var n = 0; at < bytes.Length; n++)
        {
            var segment = new List<byte>(PackedAudioTests.Tag(126_000 + (samples * 90_000 / 48_000)));
            for (var frames = 0; frames < 100 && at < bytes.Length; frames++)
            {
                AudioFrame.TryRead(bytes.AsSpan(at), out var frame).ShouldBeTrue();
                segment.AddRange(bytes.AsSpan(at, frame.SizeBytes));
                at += frame.SizeBytes;
                samples += frame.Samples;
            }

            Hls.Write($"{name}{n}.{extension}", [.. segment]);
            list += $"#EXTINF:2.5,\n{name}{n}.{extension}\n";
        }

        Hls.Write($"{name}.m3u8", list + "#EXT-X-ENDLIST\n");
    }
}
