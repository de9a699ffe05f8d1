using System.Net;
using Sluice.Bench.Live;

namespace Sluice.Bench.Storm;

/// <summary>A broadcast on loopback: whoever asks gets MPEG-TS without an end, some four times as fast as it is shown.</summary>
internal sealed class EndlessOrigin : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly HttpListener _listener = new();
    private readonly LiveFilm _film;
    private readonly Task _serving;

    /// <param name="film">What is on the air.</param>
    public EndlessOrigin(LiveFilm film)
    {
        _film = film;
        Address = new Uri($"http://127.0.0.1:{SluiceServer.FreePort()}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

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
            try
            {
                _ = SendAsync((await _listener.GetContextAsync()).Response);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task SendAsync(HttpListenerResponse response)
    {
        try
        {
            response.ContentType = "video/mp2t";
            for (var n = 0; _listener.IsListening; n++)
            {
                await response.OutputStream.WriteAsync(_film.Segments[n % _film.Segments.Count]);
                await response.OutputStream.FlushAsync();
                await Task.Delay(Pace);
            }
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            response.Abort(); // Whoever asked has gone.
        }
    }
}
