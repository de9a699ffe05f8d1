using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Sluice.Bench.Live;

/// <summary>What an origin does with the request of a segment, instead of sending it.</summary>
internal delegate Task Fault(HttpListenerContext context, byte[] segment);

/// <summary>
/// A channel's origin on loopback: a playlist that moves on by the clock, and segments at the pace that is asked for.
/// <code>
///   /index.m3u8 → the last six segments of the film, which begins again and again, each time with a discontinuity
///   /{n}.ts     → that segment; counted
/// </code>
/// </summary>
internal sealed class LiveOrigin : IAsyncDisposable
{
    private const int Listed = 6;
    private const int Slices = 50;

    private readonly HttpListener _listener = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly LiveFilm _film;
    private readonly Task _serving;

    /// <param name="film">What is on the air.</param>
    public LiveOrigin(LiveFilm film)
    {
        _film = film;
        var home = $"http://127.0.0.1:{SluiceServer.FreePort()}/";
        Playlist = new Uri(home + "index.m3u8");
        _listener.Prefixes.Add(home);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where the channel is.</summary>
    public Uri Playlist { get; }

    /// <summary>From the first byte of a segment to its last, which is never sent earlier; zero for as fast as it goes.</summary>
    public TimeSpan Shape { get; set; }

    /// <summary>Added to the number of each segment; less than before is an origin that has begun anew.</summary>
    public long FirstNumber { get; set; } = 1000;

    /// <summary>Faults by the number of a segment; each happens once.</summary>
    public ConcurrentDictionary<long, Fault> Faults { get; } = new();

    /// <summary>Segments that were asked for, by number, and how often.</summary>
    public ConcurrentDictionary<long, int> Asked { get; } = new();

    /// <summary>Number of the segment that is on the air.</summary>
    public long Now => FirstNumber + Listed + (long)(Stopwatch.GetElapsedTime(_began).TotalSeconds / _film.Seconds);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var path = context.Request.Url!.AbsolutePath;
            if (path == Playlist.AbsolutePath)
            {
                await SendAsync(context, Encoding.UTF8.GetBytes(List()), TimeSpan.Zero);
            }
            else if (long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                Asked.AddOrUpdate(number, 1, static (_, times) => times + 1);
                var segment = _film.Segments[(int)(number % _film.Segments.Count)];
                await (Faults.TryRemove(number, out var fault) ? fault(context, segment) : SendAsync(context, segment, Shape));
            }

            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            context.Response.Abort(); // Whoever asked has gone.
        }
    }

    private static async Task SendAsync(HttpListenerContext context, byte[] bytes, TimeSpan during)
    {
        context.Response.ContentLength64 = bytes.Length;
        if (during == TimeSpan.Zero)
        {
            await context.Response.OutputStream.WriteAsync(bytes);
            return;
        }

        var began = Stopwatch.GetTimestamp();
        for (var n = 0; n < Slices; n++)
        {
            await UntilAsync(began, during * n / (Slices - 1));
            var (from, to) = ((long)bytes.Length * n / Slices, (long)bytes.Length * (n + 1) / Slices);
            await context.Response.OutputStream.WriteAsync(bytes.AsMemory((int)from, (int)(to - from)));
            await context.Response.OutputStream.FlushAsync();
        }
    }

    /// <summary>Waits, never too short: timers count whole milliseconds, and leave out what is over.</summary>
    private static async Task UntilAsync(long began, TimeSpan after)
    {
        while (after - Stopwatch.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
        }
    }

    private string List()
    {
        var first = Now - Listed;
        var text = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{_film.Seconds}\n#EXT-X-MEDIA-SEQUENCE:{first}\n"));
        for (var number = first; number < first + Listed; number++)
        {
            text.Append(number % _film.Segments.Count == 0 ? "#EXT-X-DISCONTINUITY\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{_film.Seconds},\n{number}.ts\n");
        }

        return text.ToString();
    }
}
