using System.Globalization;
using System.Net.Http.Headers;

namespace Sluice.Server.Outbound;

/// <summary>An answer, whatever its status; its body comes as it is read. Dispose of it, read or not.</summary>
internal sealed class OutboundResponse(HttpResponseMessage message, OutboundUrl url, Stream body, IDisposable patience) : IAsyncDisposable
{
    /// <summary>HTTP status; never a redirect that was to be followed.</summary>
    public int Status => (int)message.StatusCode;

    /// <summary>Who answered, after all redirects.</summary>
    public OutboundUrl Url { get; } = url;

    /// <summary>The body. Reading it throws <see cref="OutboundException"/>.</summary>
    public Stream Body { get; } = body;

    /// <summary>Bytes of the body; null when that was not said.</summary>
    public long? LengthBytes => message.Content.Headers.ContentLength;

    /// <summary>First byte that a 206 answer holds; null when that was not said.</summary>
    public long? FromByte => message.Content.Headers.ContentRange?.From;

    /// <summary>Bytes of the whole file, as a 206 or 416 answer says; null when it does not.</summary>
    public long? WholeBytes => message.Content.Headers.ContentRange?.Length;

    /// <summary>Media type in lower case, without parameters; empty when that was not said.</summary>
    public string MediaType => message.Content.Headers.ContentType?.MediaType?.ToLowerInvariant() ?? "";

    /// <summary>How the body is packed, in lower case, though nothing of the kind was asked for; empty when it is not.</summary>
    public string Encoding => string.Join(',', message.Content.Headers.ContentEncoding).ToLowerInvariant();

    /// <summary>Name that the answer gives the file; null when it gives none.</summary>
    public string? FileName => message.Content.Headers.ContentDisposition is { } disposition
        ? (disposition.FileNameStar ?? disposition.FileName)?.Trim('"')
        : null;

    /// <summary>What tells this state of the file from others: a strong entity tag, or a date; null when there is neither. Fit for
    /// <see cref="OutboundRequest.IfRange"/>.</summary>
    public string? Validator => message.Headers.ETag is { IsWeak: false } tag
        ? tag.Tag
        : message.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>When the server wants to be asked again; null when it does not say.</summary>
    public RetryConditionHeaderValue? RetryAfter => message.Headers.RetryAfter;

    /// <summary>Whether the answer says, and says once, where its body ends. Else the end of the connection is taken for it, and a body that broke off for a
    /// whole one.</summary>
    public bool IsDelimited => message.Headers.TransferEncodingChunked == true
        || (LengthBytes is not null && message.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths) && lengths.Count == 1);

    /// <summary>Any other header, as it was sent; null when it was not.</summary>
    public string? Header(string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) || message.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Body.DisposeAsync();
        message.Dispose();
        patience.Dispose();
    }
}
