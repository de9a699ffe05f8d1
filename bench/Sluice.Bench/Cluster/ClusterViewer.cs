using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Sluice.Bench.Killed;

namespace Sluice.Bench.Cluster;

/// <summary>Plays random titles, each request at whichever api node, as behind a load balancer: playlists, a segment; what is told to come back comes back.</summary>
internal sealed class ClusterViewer(IReadOnlyList<Uri> nodes, ClusterLibrary library)
{
    private const int MostTries = 60;
    private readonly ConcurrentDictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly Lock _longest = new();
    private int _requests;
    private int _segments;
    private int _refused;
    private int _cut;

    /// <summary>All requests.</summary>
    public int Requests => _requests;

    /// <summary>Segments received whole.</summary>
    public int Segments => _segments;

    /// <summary>Different ones.</summary>
    public int Different => _hashes.Count;

    /// <summary>Answers that told to come back.</summary>
    public int Refused => _refused;

    /// <summary>Answers that a kill cut off, and nodes that were not there.</summary>
    public int Cut => _cut;

    /// <summary>The longest that one request waited, and for what.</summary>
    public (TimeSpan Took, string What) Longest { get; private set; }

    /// <summary>The longest until what was wanted came, over all requests for it.</summary>
    public TimeSpan LongestInAll { get; private set; }

    /// <summary>Other answers, and segments that were not whole or changed.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Plays until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(60) };
        while (!ct.IsCancellationRequested)
        {
            if (library.Titles is { Count: > 0 } titles)
            {
                await PlayAsync(http, titles.ElementAt(Random.Shared.Next(titles.Count)), ct);
            }

            await Task.Delay(Random.Shared.Next(100, 400), CancellationToken.None);
        }
    }

    private async Task PlayAsync(HttpClient http, ClusterTitle title, CancellationToken ct)
    {
        if (await FetchAsync(http, title.Hls, ct) is not { } master || Entries(title.Hls, master) is not { Count: > 0 } tracks)
        {
            return;
        }

        var track = Any(tracks);
        if (await FetchAsync(http, track, ct) is { } list && Entries(track, list) is { Count: > 0 } segments)
        {
            var path = Any(segments);
            if (await FetchAsync(http, path, ct) is { } segment)
            {
                Look(path, segment);
            }
        }
    }

    /// <summary>What lies there, after as many requests as it takes; null when it does not come.</summary>
    private async Task<byte[]?> FetchAsync(HttpClient http, string path, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < MostTries && !ct.IsCancellationRequested; i++)
        {
            var (body, again) = await AskAsync(http, new Uri(nodes[Random.Shared.Next(nodes.Count)], path), ct);
            if (body is not null || again is null)
            {
                Longer(Stopwatch.GetElapsedTime(began));
                return body;
            }

            await Task.Delay(again.Value, CancellationToken.None);
        }

        if (!ct.IsCancellationRequested)
        {
            _complaints.Enqueue($"{Name(path)}: did not come in {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s");
        }

        return null;
    }

    private async Task<(byte[]? Body, TimeSpan? Again)> AskAsync(HttpClient http, Uri address, CancellationToken ct)
    {
        Interlocked.Increment(ref _requests);
        var began = Stopwatch.GetTimestamp();
        var how = "";
        try
        {
            using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ct);
            how = $"{(int)answer.StatusCode}";
            var body = await answer.Content.ReadAsByteArrayAsync(ct);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return (body, null);
            }

            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Interlocked.Increment(ref _refused);
                return (null, answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            }

            _complaints.Enqueue($"{Name(address.AbsolutePath)}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(body)[..Math.Min(body.Length, 160)]}");
            return (null, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            how += e.GetType().Name;
            Interlocked.Increment(ref _cut);
            return (null, TimeSpan.FromSeconds(0.5));
        }
        catch (OperationCanceledException)
        {
            return (null, null);
        }
        finally
        {
            var took = Stopwatch.GetElapsedTime(began);
            lock (_longest)
            {
                Longest = took > Longest.Took ? (took, $"{Name(address.AbsolutePath)} ({how})") : Longest;
            }
        }
    }

    private void Longer(TimeSpan took)
    {
        lock (_longest)
        {
            LongestInAll = took > LongestInAll ? took : LongestInAll;
        }
    }

    private void Look(string path, byte[] segment)
    {
        Interlocked.Increment(ref _segments);
        if (SegmentCheck.WhatIsWrong(segment) is { } wrong)
        {
            _complaints.Enqueue($"{Name(path)}: {wrong}");
        }

        var (key, hash) = (path.Split('?')[0], Convert.ToHexString(SHA256.HashData(segment)));
        if (_hashes.GetOrAdd(key, hash) != hash)
        {
            _complaints.Enqueue($"{Name(path)}: other bytes than before");
        }
    }

    private static string Any(List<string> paths) => paths[Random.Shared.Next(paths.Count)];

    /// <summary>What a playlist names: tracks or segments, as paths.</summary>
    private static List<string> Entries(string playlist, byte[] text)
    {
        var from = new Uri(new Uri("http://any/"), playlist);
        var lines = System.Text.Encoding.UTF8.GetString(text).Split('\n');
        return
        [
            .. lines.Where(line => line.Length > 0 && line[0] != '#').Select(line => new Uri(from, line).PathAndQuery),
            .. lines.Where(line => line.StartsWith("#EXT-X-MEDIA:TYPE=AUDIO", StringComparison.Ordinal))
                .Select(line => new Uri(from, line.Split("URI=\"")[1].Split('"')[0]).PathAndQuery),
        ];
    }

    private static string Name(string path) => string.Join('/', path.Split('?')[0].Split('/').TakeLast(3));
}
