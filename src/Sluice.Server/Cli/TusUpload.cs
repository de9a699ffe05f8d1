using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Server.Cli;

/// <summary>
/// Sends a file so that nothing interrupts it for good (tus 1.0.0): a broken line, a server that is started anew, or this program itself.
/// <code>
///   remembered? ── no ──► announce ──► send from offset ──► whole: the title
///        └─ yes ──► ask the offset ─────────►┘   ▲ broken: wait, ask the offset │
///                                                └──────────────────────────────┘
/// </code>
/// </summary>
/// <param name="http">Sends requests.</param>
/// <param name="request">Makes a request to the server, from method and address.</param>
/// <param name="refusal">What a person is told of an answer that is no success.</param>
/// <param name="clock">Waits.</param>
internal sealed class TusUpload(
    HttpClient http, Func<HttpMethod, string, HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, Task<CommandException>> refusal, TimeProvider clock)
{
    private const string Root = "api/v1/uploads";
    private const int Tries = 12; // In a row, without a byte in between: five minutes.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    /// <summary>Told once, with the title's id, when the file plays while it is being sent.</summary>
    public Func<string, CancellationToken, Task> Plays { get; init; } = static (_, _) => Task.CompletedTask;

    /// <summary>Announces an upload and answers where it is.</summary>
    /// <exception cref="CommandException">The server refused it.</exception>
    public async Task<string> AnnounceAsync(FileInfo file, string? title, int? minutes, CancellationToken ct)
    {
        using var announcement = request(HttpMethod.Post, Root);
        announcement.Headers.Add("Upload-Length", file.Length.ToString(CultureInfo.InvariantCulture));
        announcement.Headers.Add("Upload-Metadata", string.Join(',', Pairs(file, title, minutes).Select(p => $"{p.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(p.Value))}")));
        using var answer = await SendAsync(announcement, ct);
        return answer.StatusCode == HttpStatusCode.Created && answer.Headers.Location is { } place
            ? place.ToString()
            : throw await refusal(answer, ct);
    }

    /// <summary>Sends what an upload lacks, however often that takes.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="file">The file.</param>
    /// <param name="sent">Told the bytes sent so far.</param>
    /// <param name="ct">Stops it; it can be gone on with.</param>
    /// <returns>The title and its admin key, which is null when an answer was lost; null when there is no such upload any more.</returns>
    /// <exception cref="CommandException">The server refused it, or did not answer for minutes.</exception>
    public async Task<(string MediaId, string? AdminKey)?> RunAsync(string url, FileInfo file, Action<long> sent, CancellationToken ct)
    {
        var reached = -1L;
        var plays = new PlaysAlready(stop => AskPlaysAsync(url, stop), stop => Plays(url[(url.LastIndexOf('/') + 1)..], stop), clock);
        var pause = FirstPause;
        for (var left = Tries; ; left--)
        {
            try
            {
                var (found, offset, title) = await AskAsync(url, ct);
                if (!found)
                {
                    return null;
                }

                if (title is not null && offset == file.Length) // With fewer bytes it is named because it plays already.
                {
                    return (title, null);
                }

                (left, pause) = offset > reached ? (Tries, FirstPause) : (left, pause);
                reached = Math.Max(reached, offset);
                sent(offset);
                if (offset < file.Length && await plays.WhileAsync(() => AppendAsync(url, file, offset, sent, ct), ct) is { } ended)
                {
                    return ended;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException && left > 0)
            {
                // The line broke, or nobody answers just now: asked again below.
            }

            if (left <= 0)
            {
                throw new CommandException("The server does not go on with the upload.", "Run the same command again later: it goes on where it was.");
            }

            await Task.Delay(pause, clock, ct);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<(bool Found, long Offset, string? Title)> AskAsync(string url, CancellationToken ct)
    {
        using var question = request(HttpMethod.Head, url);
        using var answer = await SendAsync(question, ct);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return (false, 0, null);
        }

        return !answer.IsSuccessStatusCode && !IsPassing(answer.StatusCode)
            ? throw await refusal(answer, ct)
            : (true, long.TryParse(Header(answer, "Upload-Offset"), CultureInfo.InvariantCulture, out var offset) ? offset : 0, Header(answer, "Sluice-Media-Id"));
    }

    private async Task<string?> AskPlaysAsync(string url, CancellationToken ct)
    {
        using var question = request(HttpMethod.Head, url);
        using var answer = await SendAsync(question, ct);
        return Header(answer, "Sluice-Plays");
    }

    /// <summary>Null when it has to be asked again how far it is.</summary>
    private async Task<(string MediaId, string? AdminKey)?> AppendAsync(string url, FileInfo file, long offset, Action<long> sent, CancellationToken ct)
    {
        using var append = request(HttpMethod.Patch, url);
        append.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        append.Headers.ExpectContinue = true; // A refusal then comes before the bytes are sent.
        append.Content = new FileContent(file, sent, offset);
        append.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        using var answer = await SendAsync(append, ct);
        return answer.IsSuccessStatusCode && Header(answer, "Sluice-Media-Id") is { } id ? (id, Header(answer, "Sluice-Admin-Key"))
            : answer.IsSuccessStatusCode || IsPassing(answer.StatusCode) ? null
            : throw await refusal(answer, ct);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken ct)
    {
        message.Headers.Add("Tus-Resumable", "1.0.0");
        return http.SendAsync(message, ct);
    }

    /// <summary>What waiting and asking again may mend.</summary>
    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.Conflict or HttpStatusCode.Locked
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.First() : null;

    private static IEnumerable<KeyValuePair<string, string>> Pairs(FileInfo file, string? title, int? minutes)
    {
        yield return new("filename", file.Name);
        if (title is not null)
        {
            yield return new("title", title);
        }

        if (minutes is { } life)
        {
            yield return new("expiresInMinutes", life.ToString(CultureInfo.InvariantCulture));
        }
    }
}
