using System.Net;
using System.Text.Json;
using Sluice.Server.Catalog;

namespace Sluice.Server.Cli;

/// <summary>
/// Whether a proxy hands an upload on as it comes. One request announces a film, sends its first byte and stays; another one asks the server whether that
/// byte is there. A proxy that gathers requests waits for the film.
/// </summary>
internal static class UploadCheck
{
    private const string Root = "/api/v1/proxy-check";

    /// <summary>More than proxies let through that were not told otherwise.</summary>
    private const long FilmBytes = 4L << 30;

    /// <summary>What was found.</summary>
    /// <param name="http">Asks.</param>
    /// <param name="make">Makes requests.</param>
    /// <param name="ct">Stops it.</param>
    public static async Task<Finding> RunAsync(HttpClient http, Func<HttpMethod, string, HttpRequestMessage> make, CancellationToken ct)
    {
        var meeting = AssetId.New();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var upload = make(HttpMethod.Post, $"{Root}/upload/{meeting}");
        upload.Content = new FirstByte(FilmBytes);
        upload.Headers.ExpectContinue = true; // A proxy that refuses so large a body says so before it is sent.
        var sending = http.SendAsync(upload, HttpCompletionOption.ResponseHeadersRead, done.Token);
        var asking = AskAsync(http, make(HttpMethod.Get, $"{Root}/meetings/{meeting}"), done.Token);
        try
        {
            if (await Task.WhenAny(sending, asking) == sending)
            {
                using var early = await sending;
                return Refused(early.StatusCode);
            }

            return await asking
                ? new Finding(Severity.Ok, "uploads", "sent on as they come, of any size")
                : new Finding(
                    Severity.Fail, "uploads", "the proxy keeps an upload until it has all of it: it is stored twice, and does not play while it arrives",
                    "nginx: proxy_request_buffering off; proxy_http_version 1.1;");
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(sending, asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Finding Refused(HttpStatusCode status) => status == HttpStatusCode.RequestEntityTooLarge
        ? new Finding(Severity.Fail, "uploads", "the proxy lets no large files through (413)", "nginx: client_max_body_size 0;")
        : new Finding(Severity.Fail, "uploads", $"an upload was answered with {(int)status} before it was sent", "the log of the proxy says why");

    private static async Task<bool> AskAsync(HttpClient http, HttpRequestMessage request, CancellationToken ct)
    {
        using (request)
        {
            using var answer = await http.SendAsync(request, ct);
            answer.EnsureSuccessStatusCode();
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(ct));
            return json.RootElement.GetProperty("met").GetBoolean();
        }
    }

    /// <summary>A body of which only the first byte ever comes.</summary>
    private sealed class FirstByte(long announcedBytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[1], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = announcedBytes;
            return true;
        }
    }
}
