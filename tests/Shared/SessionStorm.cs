using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Tests;

/// <summary>
/// People who do whatever they like with sessions: begin, join, play and hang up, talk, stop, by the native API and by RSD's; and somebody who kills
/// the programs that the server has started.
/// <code>
/// RunAsync: so many actions of a seeded random, some at a time ──▶ CalmAsync: all sessions ended ──▶ what is left?
/// </code>
/// </summary>
/// <param name="http">A client of the server, at whose base address it is; it follows no redirects.</param>
/// <param name="server">Process of the server.</param>
/// <param name="sources">What people want to watch: JSON objects as <c>POST /api/v1/sessions</c> takes them.</param>
/// <param name="random">Says what they do.</param>
internal sealed partial class SessionStorm(HttpClient http, int server, IReadOnlyList<string> sources, Random random)
{
    private const int AtATime = 6;

    /// <summary>What a server may answer to people in a storm; anything else is a fault of it.</summary>
    private static readonly int[] Expected = [200, 201, 202, 204, 206, 302, 403, 404, 409, 422, 429, 502, 503, 504, 507];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<string, byte> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _browsers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _complaints = new();
    private int _begun;
    private int _killed;
    private int _played;

    /// <summary>Answers that no server may give.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Sessions that were begun or joined.</summary>
    public int Begun => _begun;

    /// <summary>Programs of the server that were killed.</summary>
    public int Killed => _killed;

    /// <summary>Segments that came whole.</summary>
    public int Played => _played;

    /// <summary>Processes that the server has started and that are there.</summary>
    public static int[] ChildrenOf(int server)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories($"/proc/{server}/task")
                    .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    .Select(id => int.Parse(id, CultureInfo.InvariantCulture)),
            ];
        }
        catch (IOException)
        {
            return ChildrenOf(server); // A thread of it ended while they were counted.
        }
    }

    /// <summary>Does so many things.</summary>
    public async Task RunAsync(int actions)
    {
        using var turns = new SemaphoreSlim(AtATime);
        var all = new List<Task>();
        for (var i = 0; i < actions; i++)
        {
            // Drawn here and in order, so that a seed is one story, however quick the machine is.
            var (kind, pick, pause) = (random.Next(100), random.Next(1 << 20), random.Next(40));
            await turns.WaitAsync();
            all.Add(DoAsync(kind, pick, pause, turns));
        }

        await Task.WhenAll(all);
    }

    /// <summary>Ends whatever runs, as those who began it would.</summary>
    public async Task CalmAsync()
    {
        foreach (var browser in _browsers.Keys)
        {
            await AskAsync(HttpMethod.Post, $"/stop/{browser}");
        }

        foreach (var session in await ListAsync())
        {
            await AskAsync(HttpMethod.Delete, $"/api/v1/sessions/{session}");
        }
    }

    /// <summary>Sessions that run.</summary>
    public async Task<string[]> ListAsync()
    {
        using var json = JsonDocument.Parse(await http.GetStringAsync("/api/v1/sessions"));
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
    }

    private async Task DoAsync(int kind, int pick, int pause, SemaphoreSlim turns)
    {
        try
        {
            await Task.Delay(pause);
            await (kind switch
            {
                < 25 => BeginAsync(sources[pick % sources.Count]),
                < 35 => StartAsync(pick),
                < 55 => PlayAsync(pick, hangsUp: false),
                < 65 => PlayAsync(pick, hangsUp: true),
                < 70 => MeetAsync(pick),
                < 75 => BeatAsync(pick),
                < 88 => EndAsync(pick),
                < 93 => StopAsync(pick),
                _ => KillAsync(pick),
            });
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or OperationCanceledException)
        {
            _complaints.Enqueue($"{kind}: {e.GetType().Name}: {e.Message}");
        }
        finally
        {
            turns.Release();
        }
    }

    private async Task BeginAsync(string source)
    {
        using var content = new StringContent(source, Encoding.UTF8, "application/json");
        using var answer = await AskAsync(HttpMethod.Post, "/api/v1/sessions", content);
        if (answer.IsSuccessStatusCode)
        {
            Interlocked.Increment(ref _begun);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            _sessions.TryAdd(json.RootElement.GetProperty("id").GetString()!, 0);
        }
    }

    private async Task StartAsync(int pick)
    {
        using var source = JsonDocument.Parse(sources[pick % sources.Count]);
        if (source.RootElement.TryGetProperty("url", out var url))
        {
            var browser = $"browser-{pick % 5}";
            _browsers.TryAdd(browser, 0);
            using var form = new FormUrlEncodedContent([new("url", url.GetString()!)]);
            using var answer = await AskAsync(HttpMethod.Post, $"/stream/{browser}", form);
            Interlocked.Add(ref _begun, answer.IsSuccessStatusCode ? 1 : 0);
        }
    }

    /// <summary>Joins one and asks for a segment somewhere in it, of which some do not wait for all.</summary>
    private async Task PlayAsync(int pick, bool hangsUp)
    {
        if (await JoinAsync(pick) is not { } hls || await TextAsync(hls) is not { } text)
        {
            return;
        }

        if (!text.Contains("#EXTINF", StringComparison.Ordinal))
        {
            var tracks = Tracks().Matches(text);
            hls = new Uri(hls, tracks[pick % tracks.Count].Value);
            if (await TextAsync(hls) is not { } list)
            {
                return;
            }

            text = list;
        }

        var segments = Segments().Matches(text);
        var segment = new Uri(hls, segments[pick % segments.Count].Value);
        using var patience = new CancellationTokenSource(hangsUp ? TimeSpan.FromMilliseconds(1 + (pick % 100)) : Patience);
        try
        {
            using var answer = await http.GetAsync(segment, patience.Token);
            Look(answer, segment.AbsolutePath);
            await answer.Content.CopyToAsync(Stream.Null, patience.Token);
            Interlocked.Add(ref _played, answer.IsSuccessStatusCode ? 1 : 0);
        }
        catch (OperationCanceledException) when (hangsUp)
        {
            // As people do.
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Its session was ended, or what it came from was killed, in the middle of it: a body cannot take back its status.
        }
    }

    private async Task<Uri?> JoinAsync(int pick)
    {
        if (Any(_sessions, pick) is not { } session)
        {
            return null;
        }

        using var answer = await AskAsync(HttpMethod.Get, $"/api/v1/sessions/{session}");
        if (!answer.IsSuccessStatusCode)
        {
            _sessions.TryRemove(session, out _);
            return null;
        }

        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("playback") is { ValueKind: JsonValueKind.Object } playback ? new Uri(playback.GetProperty("hls").GetString()!) : null;
    }

    private async Task MeetAsync(int pick)
    {
        if (Any(_sessions, pick) is not { } session)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Patience);
        using var socket = new ClientWebSocket();
        try
        {
            var home = new Uri(http.BaseAddress!.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal));
            await socket.ConnectAsync(new Uri(home, $"/api/v1/sessions/{session}/room"), patience.Token);
            await socket.SendAsync("""{"type":"hello","version":1}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
            await socket.ReceiveAsync(new byte[1 << 16], patience.Token);
        }
        catch (WebSocketException)
        {
            // It has ended, or is not open yet. Whoever is in goes without a word.
        }
    }

    private async Task BeatAsync(int pick)
    {
        if (Any(_sessions, pick) is { } session)
        {
            (await AskAsync(HttpMethod.Post, $"/api/v1/sessions/{session}/heartbeat")).Dispose();
        }
    }

    private async Task EndAsync(int pick)
    {
        if (Any(_sessions, pick) is { } session && _sessions.TryRemove(session, out _))
        {
            (await AskAsync(HttpMethod.Delete, $"/api/v1/sessions/{session}")).Dispose();
        }
    }

    private async Task StopAsync(int pick)
    {
        if (Any(_browsers, pick) is { } browser)
        {
            (await AskAsync(HttpMethod.Post, $"/stop/{browser}")).Dispose();
        }
    }

    /// <summary>SIGKILL to one of the programs that the server has started.</summary>
    private Task KillAsync(int pick)
    {
        if (ChildrenOf(server) is { Length: > 0 } children)
        {
            try
            {
                using var child = Process.GetProcessById(children[pick % children.Length]);
                child.Kill();
                Interlocked.Increment(ref _killed);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It had ended by itself.
            }
        }

        return Task.CompletedTask;
    }

    private async Task<string?> TextAsync(Uri url)
    {
        using var answer = await http.GetAsync(url);
        Look(answer, url.AbsolutePath);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        var answer = await http.SendAsync(request);
        Look(answer, path);
        return answer;
    }

    private void Look(HttpResponseMessage answer, string path)
    {
        if (!Expected.Contains((int)answer.StatusCode))
        {
            _complaints.Enqueue($"{(int)answer.StatusCode} {(answer.StatusCode == HttpStatusCode.InternalServerError ? "!" : "")} {path}");
        }
    }

    private static string? Any(ConcurrentDictionary<string, byte> of, int pick) =>
        of.Keys.Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } all ? all[pick % all.Length] : null;

    /// <summary>Media playlists that a multivariant one names.</summary>
    [GeneratedRegex(@"^[^#\r\n].*$|(?<=URI="")[^""]+", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tracks();

    /// <summary>Segments that a media playlist names.</summary>
    [GeneratedRegex(@"^[^#\r\n].*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Segments();
}
