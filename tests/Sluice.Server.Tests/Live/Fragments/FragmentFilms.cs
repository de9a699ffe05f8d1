using Sluice.Server.Live;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Fragments;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Live.Fragments;

/// <summary>Twelve seconds of HLS in the ways that channels come in, made by ffmpeg once, and given by a server on loopback.</summary>
public sealed class FragmentFilms : IDisposable
{
    private const string Pictures = "-f lavfi -i testsrc2=size=320x180:rate=25:duration=12 ";
    private const string Sound = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=12 ";
    private const string Avc = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 ";
    private const string List = "-f hls -hls_list_size 0 -hls_time 2 ";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-fragments-");

    public FragmentFilms()
    {
        Make($"{Pictures}{Sound}{Avc}-c:a aac", "both", fragments: true);
        Make($"{Pictures}{Avc}", "v", fragments: true);
        Make($"{Sound}-c:a aac -metadata:s:a language=deu", "a", fragments: true);
        Make($"{Pictures}{Avc}", "tv", fragments: false);
        Make($"{Sound}-c:a aac", "ta", fragments: false);
        Multivariant("apart", "v", "a");
        Multivariant("ts", "tv", "ta");
        Multivariant("mixed", "v", "ta");
    }

    /// <summary>Makes a media playlist <c>NAME.m3u8</c>.</summary>
    public void Make(string arguments, string name, bool fragments)
    {
        var kind = fragments ? $"-hls_segment_type fmp4 -hls_fmp4_init_filename {name}.mp4" : "-hls_segment_type mpegts";
        Ffmpeg.Make($"{arguments} {List}{kind} -hls_segment_filename", PathOf($"{name}%d.{(fragments ? "m4s" : "ts")}"), PathOf($"{name}.m3u8"));
    }

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    public byte[] Read(string file) => File.ReadAllBytes(PathOf(file));

    public string Write(string file, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(file), bytes);
        return PathOf(file);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Follows a playlist to its end.</summary>
    internal async Task<(LiveFeed Feed, UpstreamEnd End, MediaSinks Sinks)> FollowAsync(string playlist, Action<Upstream>? prepare = null, long budget = 64 << 20)
    {
        await using var upstream = await Upstream.StartAsync();
        foreach (var file in _folder.EnumerateFiles())
        {
            upstream.Files[file.Name] = File.ReadAllBytes(file.FullName);
        }

        prepare?.Invoke(upstream);
        var clock = new FastClock(5);
        var feed = new LiveFeed(budget, new FeedNumbers(1000, 0)) { TargetDuration = TimeSpan.FromSeconds(2) };
        var sinks = new MediaSinks(feed, clock);
        var follower = new HlsUpstream(upstream.Outbound, new UpstreamManner { Patience = TimeSpan.FromSeconds(3) }, sinks, clock);
        var end = await follower.RunAsync(upstream.Url(playlist), default).WaitAsync(Eventually.Patience);
        sinks.Complete();
        feed.Finish(FeedEnding.Ended);
        return (feed, end, sinks);
    }

    private void Multivariant(string name, string video, string audio) => File.WriteAllText(PathOf($"{name}.m3u8"),
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"A\",DEFAULT=YES,URI=\"" + audio + ".m3u8\"\n"
        + "#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS=\"avc1.42c00d,mp4a.40.2\",AUDIO=\"g\"\n" + video + ".m3u8\n");
}
