using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sluice.Server.Catalog;

/// <summary>
/// Public name of an asset: 16 characters of lower-case Crockford base 32, 80 random bits. It is the only part of a
/// request that ever becomes part of a path, and only in this form.
/// </summary>
internal readonly record struct AssetId : IParsable<AssetId>
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 16;
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    private AssetId(string value) => Value = value;

    /// <summary>The 16 characters.</summary>
    public string Value => field ?? "";

    /// <summary>A new random id.</summary>
    public static AssetId New() => new(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <inheritdoc />
    public static AssetId Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("Not an asset id.");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AssetId result)
    {
        result = default;
        if (s is not { Length: Length } || s.AsSpan().ContainsAnyExcept(Allowed))
        {
            return false;
        }

        result = new AssetId(s);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Value;
}
