using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Sluice.Server.Deliver;

/// <summary>Which bytes of a representation a request gets, by RFC 9110 sections 13 and 14.</summary>
/// <param name="Status">200, 206, 304 or 416.</param>
/// <param name="Start">First byte.</param>
/// <param name="Length">Number of bytes; 0 for 304 and 416.</param>
internal readonly record struct ByteRange(int Status, long Start, long Length)
{
    /// <summary>Decides from the request's conditions and its Range, for a representation of <paramref name="size"/> bytes
    /// with a strong <paramref name="etag"/>. Several ranges, or one that is malformed, get the whole: both are allowed.</summary>
    public static ByteRange Select(HttpRequest request, long size, string etag)
    {
        if (request.Headers.IfNoneMatch is { Count: > 0 } noneMatch && Matches(noneMatch.ToString(), etag))
        {
            return new ByteRange(StatusCodes.Status304NotModified, 0, 0);
        }

        var whole = new ByteRange(StatusCodes.Status200OK, 0, size);
        var range = request.Headers.Range;
        if (range.Count == 0 || !IfRangeAllows(request, etag)
            || !RangeHeaderValue.TryParse(range.ToString(), out var parsed) || parsed.Unit != "bytes" || parsed.Ranges.Count != 1)
        {
            return whole;
        }

        var wanted = parsed.Ranges.First();
        long start, end;
        if (wanted.From is { } from)
        {
            start = from;
            end = Math.Min(wanted.To ?? size - 1, size - 1);
        }
        else
        {
            start = Math.Max(0, size - wanted.To.GetValueOrDefault());
            end = wanted.To > 0 ? size - 1 : -1;
        }

        return start >= size || end < start
            ? new ByteRange(StatusCodes.Status416RangeNotSatisfiable, 0, 0)
            : new ByteRange(StatusCodes.Status206PartialContent, start, end - start + 1);
    }

    private static bool IfRangeAllows(HttpRequest request, string etag) =>
        request.Headers.IfRange is not { Count: > 0 } ifRange || ifRange.ToString() == etag;

    private static bool Matches(string noneMatch, string etag) =>
        noneMatch == "*" || noneMatch.Split(',').Any(tag => tag.Trim() is var t && (t == etag || t == "W/" + etag));
}
