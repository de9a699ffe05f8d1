using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;

namespace Sluice.Browser.Tests.Support;

/// <summary>The tus requests of a browser: what each asked, and what it was told.</summary>
internal sealed class TusTraffic
{
    private readonly ConcurrentQueue<TusExchange> _all = new();

    public TusTraffic(IBrowserContext context) => context.RequestFinished += async (_, request) =>
    {
        if (request.Url.Contains("/api/v1/uploads", StringComparison.Ordinal) && await request.ResponseAsync() is { } answer)
        {
            _all.Enqueue(new TusExchange(
                request.Method, new Uri(request.Url).AbsolutePath, answer.Status,
                Number(await request.HeaderValueAsync("upload-offset")), Number(await answer.HeaderValueAsync("upload-offset"))));
        }
    };

    /// <summary>In the order in which they were answered.</summary>
    public IReadOnlyList<TusExchange> All => [.. _all];

    private static long? Number(string? header) => long.TryParse(header, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>One request and its answer.</summary>
/// <param name="Method">HEAD, PATCH…</param>
/// <param name="Path">Which upload.</param>
/// <param name="Status">Of the answer.</param>
/// <param name="From">Upload-Offset of the request.</param>
/// <param name="At">Upload-Offset of the answer.</param>
internal sealed record TusExchange(string Method, string Path, int Status, long? From, long? At);
