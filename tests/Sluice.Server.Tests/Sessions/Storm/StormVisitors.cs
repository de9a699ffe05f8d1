using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Server.Tests.Sessions.Storm;

/// <summary>People who use sessions, by the native API and by RSD's.</summary>
/// <param name="http">A client of the server, at whose base address it is; it follows no redirects.</param>
/// <param name="tally">What became of what they did.</param>
internal sealed partial class StormVisitors(HttpClient http, StormTally tally)
{
    private const int Browsers = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Sessions that they know, and of which source each is.</summary>
    private readonly ConcurrentDictionary<string, StormSource> _sessions = new(StringComparer.Ordinal);

    /// <summary>Their sessions are gone with the server.</summary>
    public void Forget() => _sessions.Clear();

    /// <summary>Sessions that run.</summary>
    public async Task<string[]> ListAsync()
    {
        using var json = JsonDocument.Parse(await http.GetStringAsync("/api/v1/sessions"));
        return [.. json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
    }

    /// <summary>Ends whatever runs, as those who began it would.</summary>
    public async Task CalmAsync()
    {
        for (var browser = 0; browser < Browsers; browser++)
        {
            await AskAsync(HttpMethod.Post, $"/stop/{BrowserOf(browser)}");
        }

        foreach (var session in await ListAsync())
        {
            await AskAsync(HttpMethod.Delete, $"/api/v1/sessions/{session}");
        }
    }

    /// <summary>Begins a session, or joins the one that plays this.</summary>
    /// <returns>Whether there is one.</returns>
    public async Task<bool> BeginAsync(StormSource source)
    {
        var wish = $$"""{"url":{{JsonSerializer.Serialize(source.Address)}}}""";
        var (status, text) = await AskAsync(HttpMethod.Post, "/api/v1/sessions", new StringContent(wish, Encoding.UTF8, "application/json"));
        tally.Add(source.Name, status < 300 ? "begun" : "refused");
        if (status < 300)
        {
            using var json = JsonDocument.Parse(text);
            _sessions.TryAdd(json.RootElement.GetProperty("id").GetString()!, source);
        }

        return status < 300;
    }

    /// <summary>The same, as RSD's page asks.</summary>
    public async Task StartAsync(StormSource source, int pick)
    {
        var field = source.Address.StartsWith("magnet:", StringComparison.Ordinal) ? "magnet" : "url";
        var (status, _) = await AskAsync(HttpMethod.Post, $"/stream/{BrowserOf(pick)}", new FormUrlEncodedContent([new(field, source.Address)]));
        tally.Add(source.Name, status < 300 ? "begun" : "refused");
    }

    /// <summary>Joins a session and reads a segment somewhere in it.</summary>
    /// <param name="pick">Which and where.</param>
    /// <param name="hangsUp">After so long; null waits for all of it.</param>
    /// <param name="jumps">Having seen something of it, goes somewhere else.</param>
    /// <returns>Whether the segment came whole.</returns>
    public async Task<bool> PlayAsync(int pick, TimeSpan? hangsUp = null, bool jumps = false)
    {
        if (Any(pick) is not { } session || await JoinAsync(session) is not { } hls || await SegmentsAsync(hls, pick) is not { Length: > 0 } segments)
        {
            return false;
        }

        if (jumps)
        {
            await ReadAsync(session, segments[(pick + (segments.Length / 2)) % segments.Length], TimeSpan.FromMilliseconds(1 + (pick % 300)));
        }

        return await ReadAsync(session, segments[pick % segments.Length], hangsUp);
    }

    /// <summary>Comes into a session's room and goes without a word.</summary>
    public async Task MeetAsync(int pick)
    {
        if (Any(pick) is not { } session)
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
            // It has ended, or is not open yet.
        }
    }

    /// <summary>Says that somebody watches.</summary>
    public Task BeatAsync(int pick) => Any(pick) is { } session ? AskAsync(HttpMethod.Post, $"/api/v1/sessions/{session}/heartbeat") : Task.CompletedTask;

    /// <summary>Has it play another file of its torrent, whether or not it has one.</summary>
    public Task ChooseAsync(int pick) => Any(pick) is { } session
        ? AskAsync(
            HttpMethod.Post, $"/api/v1/sessions/{session}/file",
            new StringContent(string.Create(CultureInfo.InvariantCulture, $$"""{"index":{{pick % 4}}}"""), Encoding.UTF8, "application/json"))
        : Task.CompletedTask;

    /// <summary>Ends a session.</summary>
    public Task EndAsync(int pick) => Any(pick) is { } session && _sessions.TryRemove(session, out _)
        ? AskAsync(HttpMethod.Delete, $"/api/v1/sessions/{session}")
        : Task.CompletedTask;

    /// <summary>Leaves, as RSD's page does.</summary>
    public Task StopAsync(int pick) => AskAsync(HttpMethod.Post, $"/stop/{BrowserOf(pick)}");

    private async Task<Uri?> JoinAsync(string session)
    {
        var (status, text) = await AskAsync(HttpMethod.Get, $"/api/v1/sessions/{session}");
        if (status >= 300)
        {
            _sessions.TryRemove(session, out _);
            return null;
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("playback") is { ValueKind: JsonValueKind.Object } playback ? new Uri(playback.GetProperty("hls").GetString()!) : null;
    }

    private async Task<Uri[]?> SegmentsAsync(Uri hls, int pick)
    {
        var (status, text) = await AskAsync(HttpMethod.Get, hls.PathAndQuery);
        if (status < 300 && !text.Contains("#EXTINF", StringComparison.Ordinal) && Tracks().Matches(text) is { Count: > 0 } tracks)
        {
            hls = new Uri(hls, tracks[pick % tracks.Count].Value);
            (status, text) = await AskAsync(HttpMethod.Get, hls.PathAndQuery);
        }

        return status < 300 ? [.. Segments().Matches(text).Select(match => new Uri(hls, match.Value))] : null;
    }

    private async Task<bool> ReadAsync(string session, Uri segment, TimeSpan? hangsUp)
    {
        using var patience = new CancellationTokenSource(hangsUp ?? Patience);
        try
        {
            using var answer = await http.GetAsync(segment, patience.Token);
            tally.Look((int)answer.StatusCode, segment.AbsolutePath);
            await answer.Content.CopyToAsync(Stream.Null, patience.Token);
            if (answer.IsSuccessStatusCode && _sessions.TryGetValue(session, out var source))
            {
                tally.Add(source.Name, "segments");
            }

            return answer.IsSuccessStatusCode;
        }
        catch (OperationCanceledException) when (hangsUp is not null)
        {
            return false; // As people do.
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return false; // Its session was ended, or what it came from was killed, in the middle of it: a body cannot take back its status.
        }
    }

    private async Task<(int Status, string Text)> AskAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await http.SendAsync(request);
        tally.Look((int)answer.StatusCode, path);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private string? Any(int pick) => _sessions.Keys.Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } all ? all[pick % all.Length] : null;

    private static string BrowserOf(int pick) => string.Create(CultureInfo.InvariantCulture, $"browser-{pick % Browsers}");

    /// <summary>Media playlists that a multivariant one names.</summary>
    [GeneratedRegex(@"^[^#\r\n].*$|(?<=URI="")[^""]+", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tracks();

    /// <summary>Segments that a media playlist names.</summary>
    [GeneratedRegex(@"^[^#\r\n].*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Segments();
}
