using Sluice.Server.Access;

namespace Sluice.Server.Deliver;

/// <summary>Writes the head of an answer with a known size: HEAD and GET alike, ranges, conditions, caching.</summary>
internal static class Representation
{
    /// <summary>The bytes behind these URLs never change: the version in the path names them.</summary>
    public const string Immutable = "public, max-age=31536000, immutable";

    /// <summary>Sets status and headers; answers the bytes to send, none for HEAD, 304 and 416.</summary>
    /// <param name="context">The request.</param>
    /// <param name="contentType">Media type.</param>
    /// <param name="cacheControl">Cache-Control of a success.</param>
    /// <param name="size">Size of the whole representation.</param>
    /// <param name="etag">Strong entity tag, quoted.</param>
    public static ByteRange Begin(HttpContext context, string contentType, string cacheControl, long size, string etag)
    {
        var range = ByteRange.Select(context.Request, size, etag);
        var response = context.Response;
        response.StatusCode = range.Status;
        var headers = response.Headers;
        headers.ETag = etag;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = cacheControl;
        switch (range.Status)
        {
            case StatusCodes.Status304NotModified:
                return range;
            case StatusCodes.Status416RangeNotSatisfiable:
                headers.CacheControl = "no-store";
                headers.ContentRange = $"bytes */{size}";
                response.ContentLength = 0;
                return range;
            case StatusCodes.Status206PartialContent:
                headers.ContentRange = $"bytes {range.Start}-{range.Start + range.Length - 1}/{size}";
                break;
        }

        headers.ContentType = contentType;
        response.ContentLength = range.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return range with { Length = 0 };
        }

        SentBytes.Add(range.Length);
        return range;
    }
}
