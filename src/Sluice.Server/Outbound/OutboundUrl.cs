using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sluice.Server.Outbound;

/// <summary>An http or https URL. As text it is fit for a log: without user, password and query, all of which may be secrets.</summary>
internal sealed class OutboundUrl
{
    /// <summary>Longest URL that is taken, in characters; signed ones have some 2000.</summary>
    public const int Longest = 8192;

    /// <summary>What is shown instead of a query.</summary>
    public const string HiddenQuery = "?…";

    private readonly string _userInfo;

    private OutboundUrl(Uri address, string userInfo) => (Address, _userInfo) = (address, userInfo);

    /// <summary>What is asked for: without user and fragment.</summary>
    public Uri Address { get; }

    /// <summary>User and password that the URL named, as the header <c>Authorization: Basic</c> wants them (RFC 7617); null when there are none.</summary>
    public string? Basic => _userInfo.Length == 0 ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(_userInfo)));

    /// <summary>All of it, secrets included.</summary>
    public string Secret => _userInfo.Length == 0
        ? Address.AbsoluteUri
        : Address.AbsoluteUri.Insert(Address.Scheme.Length + Uri.SchemeDelimiter.Length, _userInfo + "@");

    /// <summary>Last part of the path, decoded; empty when there is none.</summary>
    public string FileName => Uri.UnescapeDataString(Address.Segments[^1].Trim('/'));

    /// <summary>Reads a URL as a person gave it.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out OutboundUrl? url)
    {
        url = text is { Length: > 0 and <= Longest } && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            && Uri.TryCreate(text, UriKind.Absolute, out var given)
                ? Of(given)
                : null;
        return url is not null;
    }

    /// <summary>
    /// Where a redirect or an address in a playlist leads; null when that is nothing that may be fetched. User and password go along to the
    /// same origin, unless the target names its own.
    /// </summary>
    /// <param name="location">Header <c>Location</c>, RFC 9110 section 10.2.2; or a URI reference.</param>
    public OutboundUrl? Follow(string location)
    {
        var target = location.Length <= Longest && Uri.TryCreate(Address, location, out var given) ? Of(given) : null;
        return target is { _userInfo.Length: 0 } && _userInfo.Length > 0 && IsOriginOf(target) ? new OutboundUrl(target.Address, _userInfo) : target;
    }

    /// <summary>Whether both are of the same scheme, host and port; else the one's secrets are none of the other's business.</summary>
    public bool IsOriginOf(OutboundUrl other) =>
        Uri.Compare(Address, other.Address, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <inheritdoc />
    public override string ToString() =>
        Address.GetLeftPart(UriPartial.Path) + (Address.Query.Length > 1 ? HiddenQuery : "");

    private static OutboundUrl? Of(Uri given)
    {
        if (given.Scheme is not ("http" or "https") || given.IdnHost.Length == 0 || given.Port is <= 0 or > 65535)
        {
            return null;
        }

        var bare = given.GetComponents(UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped);
        return Uri.TryCreate(bare, UriKind.Absolute, out var address) ? new OutboundUrl(address, given.UserInfo) : null;
    }
}
