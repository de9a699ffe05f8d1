using Sluice.Bench.Live;
using Sluice.Server.Tests.Sessions.Storm;

namespace Sluice.Bench.Storm;

/// <summary>Somebody else's servers, with all that sessions play, and what they do not play.</summary>
internal sealed class StormSources : IAsyncDisposable
{
    private readonly NginxServer _nginx;
    private readonly LiveOrigin _live;
    private readonly EndlessOrigin _endless;
    private readonly TorrentSwarm _swarm;

    private StormSources(NginxServer nginx, LiveOrigin live, EndlessOrigin endless, TorrentSwarm swarm, int films)
    {
        (_nginx, _live, _endless, _swarm) = (nginx, live, endless, swarm);
        Films = [.. Enumerable.Range(0, films).Select(n => new StormSource("MP4", On($"film-{n}.mp4")))];
        All =
        [
            .. Films[..2], new("Matroska", On("odd.mkv")), new("AVI, encoded", On("odd.avi")), new("HLS on demand", On("list.m3u8")), new("live HLS", live.Playlist.AbsoluteUri),
            new("DASH", On("dash/film.mpd")), new("a body without an end", endless.Address.AbsoluteUri), new("a torrent", swarm.Magnet),
            new("not there", On("none.mp4"), Plays: false), new("an option", "--script=x", Plays: false), new("inside", "http://169.254.169.254/latest/", Plays: false),
        ];
    }

    /// <summary>Films that are alike but for their names.</summary>
    public StormSource[] Films { get; }

    /// <summary>What people want to watch: some of those, and all else.</summary>
    public StormSource[] All { get; }

    /// <summary>Bytes of a film.</summary>
    public long FilmBytes { get; private init; }

    /// <summary>Starts them.</summary>
    /// <param name="workshop">Where films are kept.</param>
    /// <param name="films">How many films.</param>
    public static async Task<StormSources> StartAsync(Workshop workshop, int films)
    {
        var nginx = await NginxServer.StartAsync(workshop);
        var film = await FilmAsync(workshop.Films);
        foreach (var n in Enumerable.Range(0, films))
        {
            File.Copy(film, Path.Combine(nginx.Folder, $"film-{n}.mp4"));
        }

        Directory.CreateDirectory(Path.Combine(nginx.Folder, "dash"));
        await MinuteAsync("odd.mkv", "-c", "copy", "-f", "matroska");
        await MinuteAsync("odd.avi", "-c:v", "mpeg4", "-c:a", "libmp3lame", "-f", "avi");
        await MinuteAsync("list.m3u8", "-c", "copy", "-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod");
        await MinuteAsync("dash/film.mpd", "-c", "copy", "-f", "dash", "-seg_duration", "4");
        var broadcast = await LiveFilm.MakeAsync(workshop, seconds: 2, megabits: 1);
        return new StormSources(nginx, new LiveOrigin(broadcast), new EndlessOrigin(broadcast), await TorrentSwarm.StartAsync(workshop, film), films)
        {
            FilmBytes = new FileInfo(film).Length,
        };

        Task MinuteAsync(string name, params string[] output) => Tool.RunAsync(
            "ffmpeg", ["-nostdin", "-y", "-v", "error", "-i", film, "-t", "60", .. output, Path.Combine(nginx.Folder, name)]);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _swarm.DisposeAsync();
        await _endless.DisposeAsync();
        await _live.DisposeAsync();
        await _nginx.DisposeAsync();
    }

    private string On(string name) => new Uri(_nginx.Address, name).AbsoluteUri;

    private static Task<string> FilmAsync(Films films) => films.MakeAsync("storm.mp4", path => Tool.RunAsync("ffmpeg", [
        "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15:duration=300", "-f", "lavfi", "-i", "sine=frequency=440:duration=300",
        "-c:v", "libx264", "-preset", "veryfast", "-g", "30", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k", "-movflags", "+faststart", "-f", "mp4", path]));
}
