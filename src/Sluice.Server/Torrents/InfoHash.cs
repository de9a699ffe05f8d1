namespace Sluice.Server.Torrents;

/// <summary>What a torrent is known by: SHA-1 of its info dictionary (BEP 3), SHA-256 of it (BEP 52), or both for a hybrid.</summary>
/// <param name="V1">40 lower-case hexadecimal digits, or null.</param>
/// <param name="V2">64 lower-case hexadecimal digits, or null; not both are null.</param>
internal sealed record InfoHash(string? V1, string? V2)
{
    /// <inheritdoc />
    public override string ToString() => V1 ?? V2 ?? "";

    /// <summary>Whether both mean the same torrent: a link to a hybrid may name one of its hashes only.</summary>
    public bool IsThatOf(InfoHash other) => (V1 is not null && V1 == other.V1) || (V2 is not null && V2 == other.V2);

    /// <summary>Whether these bytes are an info dictionary that every hash which is given here agrees with.</summary>
    public bool IsOf(ReadOnlySpan<byte> info) => (V1 is null || V1 == Of(info).V1) && (V2 is null || V2 == Of(info).V2);

    /// <summary>Both hashes of an info dictionary, whichever versions it is of.</summary>
    public static InfoHash Of(ReadOnlySpan<byte> info)
    {
#pragma warning disable CA5350 // What BEP 3 says; version 2 has a better one.
        var v1 = System.Security.Cryptography.SHA1.HashData(info);
#pragma warning restore CA5350
        return new InfoHash(Convert.ToHexStringLower(v1), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(info)));
    }
}
