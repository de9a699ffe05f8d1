using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;

namespace Sluice.Browser.Tests.Support;

/// <summary>
/// Somebody else's live channel on loopback: what ffmpeg makes while it goes on, 320×180 with a tone, in segments of a second.
/// <c>master.m3u8</c> offers it as two variants, of which the second only says that it is smaller.
/// </summary>
internal sealed class LiveOrigin : IAsyncDisposable
{
    private const string Sources = "-nostdin -v error -re -f lavfi -i testsrc2=s=320x180:r=15 -re -f lavfi -i sine=440:r=48000 ";
    private const string Pictures = "-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 15 ";
    private const string Sound = "-c:a aac -b:a 64k ";
    private const string List = "-t 3600 -f hls -hls_time 1 -hls_list_size 8 -hls_delete_threshold 4 -hls_flags delete_segments+temp_file ";
    private const string Fragments = List + "-hls_segment_type fmp4 -hls_fmp4_init_filename ";

    /// <summary>What ffmpeg is told, by what a segment is.</summary>
    private static readonly Dictionary<string, string> Recipes = new()
    {
        ["ts"] = $"{Sources}{Pictures}{Sound}{List}index.m3u8",
        ["fmp4"] = $"{Sources}{Pictures}{Sound}{Fragments}init.mp4 index.m3u8",
        ["apart"] = $"{Sources}-map 0:v {Pictures}{Fragments}v.mp4 index.m3u8 -map 1:a {Sound}{Fragments}a.mp4 sound.m3u8",
    };

    private const string Master =
        """
        #EXTM3U
        #EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42c00c,mp4a.40.2"
        big/index.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=160x90,CODECS="avc1.42c00c,mp4a.40.2"
        small/index.m3u8
        """;

    private const string MasterApart =
        """
        #EXTM3U
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="A tone",DEFAULT=YES,AUTOSELECT=YES,URI="sound.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42c00c,mp4a.40.2",AUDIO="sound"
        index.m3u8
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-live-").FullName;
    private readonly Process _ffmpeg;
    private readonly bool _isApart;
    private ApiStub _stub = null!;

    private LiveOrigin(string kind)
    {
        _isApart = kind == "apart";
        _ffmpeg = Process.Start(new ProcessStartInfo(Requirements.Ffmpeg!, Recipes[kind].Split(' ')) { UseShellExecute = false, WorkingDirectory = _folder })!;
    }

    /// <summary>Everything is answered with 503.</summary>
    public bool IsDown { get; set; }

    /// <summary>The playlist of both variants, as a person would paste it.</summary>
    public string Url => $"{_stub.Url}tv/news-24/master.m3u8?sig=s3cret";

    /// <summary>Starts it, and waits until it has been going on for a while.</summary>
    /// <param name="kind">MPEG-TS, fragments (<c>fmp4</c>), or fragments with the sound <c>apart</c>.</param>
    public static async Task<LiveOrigin> StartAsync(string kind = "ts")
    {
        var origin = new LiveOrigin(kind);
        origin._stub = await ApiStub.StartAsync(origin.AnswerAsync);
        (await Eventually.Holds(() => Directory.GetFiles(origin._folder, kind == "ts" ? "*.ts" : "index*.m4s").Length > 4)).ShouldBeTrue("ffmpeg made no live stream");
        return origin;
    }

    public async ValueTask DisposeAsync()
    {
        await _stub.DisposeAsync();
        _ffmpeg.Kill();
        await _ffmpeg.WaitForExitAsync();
        _ffmpeg.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (IsDown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var name = Path.GetFileName(context.Request.Path.Value!);
        if (name == "master.m3u8")
        {
            await context.Response.WriteAsync(_isApart ? MasterApart : Master);
            return;
        }

        var file = Path.Combine(_folder, name);
        if (!File.Exists(file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // Read first: ffmpeg may remove it meanwhile.
        await context.Response.Body.WriteAsync(await File.ReadAllBytesAsync(file));
    }
}
