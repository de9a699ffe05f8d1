using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// Whether a request comes from the operator: by the key, by the session of a browser in which the key was given, or through the door that is open on
/// loopback.
/// </summary>
internal sealed class OperatorAccess(OperatorKey operatorKey, OperatorSessions sessions, OpenDoor door)
{
    /// <summary>Why the request is not the operator's; null when it is.</summary>
    public Refusal? Check(HttpRequest request)
    {
        if (!Credentials.BearerOf(request).IsEmpty)
        {
            return HasKey(request) ? null : new Refusal(ErrorCode.KeyInvalid);
        }

        if (sessions.EndOf(request) is not null)
        {
            return IsOfOurPages(request) ? null : new Refusal(ErrorCode.OriginRefused);
        }

        if (!door.IsOpen)
        {
            return new Refusal(ErrorCode.KeyMissing);
        }

        return door.ComesFromAnotherSite(request) ? new Refusal(ErrorCode.OriginRefused) : null;
    }

    /// <summary>Whether the request carries the operator's key, or comes from one of our pages in a browser in which it was given.</summary>
    public bool HasKey(HttpRequest request)
    {
        var key = Credentials.BearerOf(request);
        return key.IsEmpty
            ? sessions.EndOf(request) is not null && IsOfOurPages(request)
            : operatorKey.Matches(key.ToString());
    }

    /// <summary>What tells the operator's own things from those of others with the same rights: the hash of the key, given now or before; null without one.</summary>
    public byte[]? Owner(HttpRequest request)
    {
        var key = Credentials.BearerOf(request);
        return !key.IsEmpty ? AccessKey.Hash(key.ToString()) : sessions.EndOf(request) is null ? null : operatorKey.Hash;
    }

    /// <summary>Whether the open door lets in a request that carries nothing, to read. It does not when a page of another site asks: such a page
    /// could read the answer if it is allowed to by the headers of the answer, or by a later mistake in them.</summary>
    public bool MayRead(HttpRequest request) => door.IsOpen && !door.NamesAnotherSite(request);

    /// <summary>
    /// A browser sends the cookie with whatever request a page makes. No page of another site gets it sent (SameSite=Strict), but one on another port
    /// or name of the same site does; so a request that changes something must say that one of our pages made it, and no request may say otherwise.
    /// Every browser of today says so itself, and no script can have it say something else (WHATWG Fetch, "Origin"; Fetch Metadata).
    /// </summary>
    private bool IsOfOurPages(HttpRequest request)
    {
        if (request.Headers.Origin.Count > 0)
        {
            return !door.NamesAnotherSite(request);
        }

        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
            || string.Equals(request.Headers["Sec-Fetch-Site"].ToString(), "same-origin", StringComparison.OrdinalIgnoreCase);
    }
}
