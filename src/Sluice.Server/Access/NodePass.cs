using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>
/// By what a node knows a request of another node of its installation: that one has the same signing secret.
/// <code>
///   Sluice-Node: 1790000000.{base64url of HMAC-SHA256 over time, method and path}      good for a minute, for this path
///   Sluice-Passed-On: {who asked, base64url}~1790000000.{the same over that too}       a client's request, passed on: see <see cref="PassedOn"/>
/// </code>
/// </summary>
internal sealed class NodePass(SigningSecret secret, TimeProvider clock)
{
    /// <summary>Name of the header.</summary>
    public const string Header = "Sluice-Node";

    /// <summary>Name of the header of a client's request that is passed on.</summary>
    public const string PassedHeader = "Sluice-Passed-On";

    private const char BeforePass = '~';

    /// <summary>Clocks of nodes differ, and what is sent takes its time.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly byte[] _key = HMACSHA256.HashData(secret.Key, "sluice: one node to another"u8);

    /// <summary>The header's value for a request that is made now.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path of the URL, without its query.</param>
    public string For(string method, string path) => Sign(clock.GetUtcNow().ToUnixTimeSeconds(), method, path);

    /// <summary>Why this is no request of another node; null when it is one.</summary>
    public Refusal? Check(HttpRequest request) => Check(request.Headers[Header].ToString(), request.Method, PathOf(request));

    /// <summary>The header's value for a client's request that is passed on now.</summary>
    /// <param name="request">It.</param>
    /// <param name="passed">Who asked, as this node knows it.</param>
    public string ForPassing(HttpRequest request, PassedOn passed)
    {
        // A WebSocket over HTTP/2 (RFC 8441) goes on over HTTP/1.1, where it is asked for by GET.
        var method = HttpMethods.IsConnect(request.Method) ? HttpMethods.Get : request.Method;
        var who = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(passed.ToText()));
        return $"{who}{BeforePass}{For(method, who + PathOf(request))}";
    }

    /// <summary>Who asked, of a request that another node passes on; null, with the reason, when no node does.</summary>
    public (PassedOn? Passed, Refusal? No) CheckPassed(HttpRequest request)
    {
        var given = request.Headers[PassedHeader].ToString();
        var end = given.IndexOf(BeforePass, StringComparison.Ordinal);
        if (end < 0)
        {
            return (null, new Refusal(ErrorCode.KeyMissing));
        }

        var who = given[..end];
        return Check(given[(end + 1)..], request.Method, who + PathOf(request)) is { } no ? (null, no)
            : PassedOn.TryParse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(who)), out var passed) ? (passed, null)
            : (null, new Refusal(ErrorCode.KeyInvalid));
    }

    private static string PathOf(HttpRequest request) => request.Path.ToUriComponent();

    private Refusal? Check(string given, string method, string path)
    {
        var dot = given.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !long.TryParse(given.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - (decimal)seconds) > (decimal)Longest.TotalSeconds)
        {
            return new Refusal(ErrorCode.KeyMissing);
        }

        var right = Sign(seconds, method, path);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(right)) ? null : new Refusal(ErrorCode.KeyInvalid);
    }

    private string Sign(long seconds, string method, string path)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{seconds}\n{method}\n{path}");
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)))}");
    }
}
