using System.Security.Cryptography;
using System.Text;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// Names of what is served of titles that are arriving: eight random hex digits, and four of a hash of all that segments depend on besides the file.
/// So a server that was started anew, and would make other segments, sees that by the name.
/// </summary>
internal static class ArrivingVersion
{
    private const int RandomDigits = 8;
    private const int MannerDigits = 4;

    /// <summary>A new name.</summary>
    /// <param name="manner">All that segments depend on besides the file.</param>
    public static string New(string manner) => RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true) + DigitsOf(manner);

    /// <summary>Whether segments that are made in this manner are those of that name.</summary>
    public static bool IsOf(string version, string manner) => version.EndsWith(DigitsOf(manner), StringComparison.Ordinal);

    private static string DigitsOf(string manner) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manner)))[..MannerDigits];
}
