using System.Globalization;
using Microsoft.Playwright;

namespace Sluice.Browser.Tests.Support;

/// <summary>The tus requests of a browser: what each asked, and what it was told.</summary>
internal sealed class TusTraffic
{
    private readonly Lock _lock = new();
    private readonly List<(IRequest Request, TusExchange? Exchange)> _asked = [];

    public TusTraffic(IBrowserContext context)
    {
        context.Request += (_, request) =>
        {
            if (request.Url.Contains("/api/v1/uploads", StringComparison.Ordinal))
            {
                lock (_lock)
                {
                    _asked.Add((request, null));
                }
            }
        };
        context.RequestFinished += async (_, request) => await NoteAsync(request);
    }

    /// <summary>How many were asked.</summary>
    public int Asked
    {
        get
        {
            lock (_lock)
            {
                return _asked.Count;
            }
        }
    }

    /// <summary>Those that were answered, in the order in which they were asked, without the first ones.</summary>
    public IReadOnlyList<TusExchange> After(int first)
    {
        lock (_lock)
        {
            return [.. _asked.Skip(first).Select(a => a.Exchange).OfType<TusExchange>()];
        }
    }

    /// <summary>Takes note of an answer, unless the page is closed meanwhile: what an event handler throws ends the program.</summary>
    private async Task NoteAsync(IRequest request)
    {
        try
        {
            if (request.Url.Contains("/api/v1/uploads", StringComparison.Ordinal) && await request.ResponseAsync() is { } answer)
            {
                var exchange = new TusExchange(
                    request.Method, answer.Status, Number(await request.HeaderValueAsync("upload-offset")), Number(await answer.HeaderValueAsync("upload-offset")));
                lock (_lock)
                {
                    _asked[_asked.FindIndex(a => a.Request == request)] = (request, exchange);
                }
            }
        }
        catch (PlaywrightException)
        {
            return;
        }
    }

    private static long? Number(string? header) => long.TryParse(header, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>One request and its answer.</summary>
/// <param name="Method">HEAD, PATCH…</param>
/// <param name="Status">Of the answer.</param>
/// <param name="From">Upload-Offset of the request.</param>
/// <param name="At">Upload-Offset of the answer.</param>
internal sealed record TusExchange(string Method, int Status, long? From, long? At);
