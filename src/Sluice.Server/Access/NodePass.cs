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
/// </code>
/// </summary>
internal sealed class NodePass(SigningSecret secret, TimeProvider clock)
{
    /// <summary>Name of the header.</summary>
    public const string Header = "Sluice-Node";

    /// <summary>Clocks of nodes differ, and what is sent takes its time.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly byte[] _key = HMACSHA256.HashData(secret.Key, "sluice: one node to another"u8);

    /// <summary>The header's value for a request that is made now.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path of the URL, without its query.</param>
    public string For(string method, string path) => Sign(clock.GetUtcNow().ToUnixTimeSeconds(), method, path);

    /// <summary>Why this is no request of another node; null when it is one.</summary>
    public Refusal? Check(HttpRequest request)
    {
        var given = request.Headers[Header].ToString();
        var dot = given.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !long.TryParse(given.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - (decimal)seconds) > (decimal)Longest.TotalSeconds)
        {
            return new Refusal(ErrorCode.KeyMissing);
        }

        var right = Sign(seconds, request.Method, request.Path.ToUriComponent());
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(right)) ? null : new Refusal(ErrorCode.KeyInvalid);
    }

    private string Sign(long seconds, string method, string path)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{seconds}\n{method}\n{path}");
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)))}");
    }
}
