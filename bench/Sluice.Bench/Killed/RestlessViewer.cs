using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;

namespace Sluice.Bench.Killed;

/// <summary>Fetches random segments all the time, from a server that comes and goes; notes everything that is not whole or not as it was.</summary>
/// <param name="tracks">Paths of the segments of each rendition, with the token.</param>
internal sealed class RestlessViewer(IReadOnlyList<IReadOnlyList<string>> tracks)
{
    private readonly ConcurrentDictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _complaints = new();
    private int _served;
    private int _refused;
    private int _cut;

    /// <summary>Segments received whole.</summary>
    public int Served => _served;

    /// <summary>Answers that told to come back.</summary>
    public int Refused => _refused;

    /// <summary>Answers that a kill cut off, or connections that were refused; a player sees an error, not a segment.</summary>
    public int Cut => _cut;

    /// <summary>Different segments received.</summary>
    public int Segments => _hashes.Count;

    /// <summary>Segments that were partial, damaged or changed, and other answers than these.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Fetches until it is told to stop.</summary>
    /// <param name="server">Where the server is now; null while there is none.</param>
    /// <param name="ct">Ends it.</param>
    public async Task RunAsync(Func<Uri?> server, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        while (!ct.IsCancellationRequested)
        {
            if (server() is { } address)
            {
                var track = tracks[Random.Shared.Next(tracks.Count)];
                await FetchAsync(http, address, track[Random.Shared.Next(track.Count)], ct);
            }

            await Task.Delay(Random.Shared.Next(5, 60), CancellationToken.None);
        }
    }

    /// <summary>Fetches one segment and looks at it.</summary>
    public async Task FetchAsync(HttpClient http, Uri server, string path, CancellationToken ct)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(server, path), HttpCompletionOption.ResponseHeadersRead, ct);
            var length = answer.Content.Headers.ContentLength;
            var body = await answer.Content.ReadAsByteArrayAsync(ct);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Look(path, length, body);
            }
            else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Interlocked.Increment(ref _refused);
            }
            else
            {
                _complaints.Enqueue($"{Name(path)}: {(int)answer.StatusCode}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            Interlocked.Increment(ref _cut);
        }
    }

    private void Look(string path, long? length, byte[] body)
    {
        Interlocked.Increment(ref _served);
        if (length != body.Length)
        {
            _complaints.Enqueue($"{Name(path)}: Content-Length {length}, {body.Length} bytes");
        }

        if (SegmentCheck.WhatIsWrong(body) is { } wrong)
        {
            _complaints.Enqueue($"{Name(path)}: {wrong}");
        }

        var hash = Convert.ToHexString(SHA256.HashData(body));
        if (_hashes.GetOrAdd(path, hash) != hash)
        {
            _complaints.Enqueue($"{Name(path)}: other bytes than before");
        }
    }

    private static string Name(string path) => string.Join('/', path.Split('?')[0].Split('/').TakeLast(2));
}
