using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>Whether a request comes from the operator: by the key, or through the door that is open on loopback.</summary>
internal sealed class OperatorAccess(OperatorKey operatorKey, OpenDoor door)
{
    /// <summary>Why the request is not the operator's; null when it is.</summary>
    public Refusal? Check(HttpRequest request)
    {
        var key = Credentials.BearerOf(request);
        if (!key.IsEmpty)
        {
            return HasKey(request) ? null : new Refusal(ErrorCode.KeyInvalid);
        }

        if (!door.IsOpen)
        {
            return new Refusal(ErrorCode.KeyMissing);
        }

        return door.ComesFromAnotherSite(request) ? new Refusal(ErrorCode.OriginRefused) : null;
    }

    /// <summary>Whether the request carries the operator's key.</summary>
    public bool HasKey(HttpRequest request) => operatorKey.Matches(Credentials.BearerOf(request).ToString());

    /// <summary>Whether the open door lets in a request that carries nothing, to read. It does not when a page of another site asks: such a page
    /// could read the answer if it is allowed to by the headers of the answer, or by a later mistake in them.</summary>
    public bool MayRead(HttpRequest request) => door.IsOpen && !door.NamesAnotherSite(request);
}
