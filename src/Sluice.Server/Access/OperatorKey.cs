using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>The key of the person who runs this server. Only its hash is kept.</summary>
internal sealed class OperatorKey(ICatalog catalog)
{
    private const string Setting = "operator-key-sha256";
    private byte[] _hash = [];

    /// <summary>The key itself when this very start made it, to be shown once; null at every later start.</summary>
    public string? JustMade { get; private set; }

    /// <summary>SHA-256 of the key.</summary>
    public byte[] Hash => _hash;

    /// <summary>Reads the hash, or makes a key at the first start.</summary>
    public async Task EnsureAsync(CancellationToken ct)
    {
        if (await catalog.GetSettingAsync(Setting, ct) is { } stored)
        {
            _hash = Convert.FromHexString(stored);
            return;
        }

        // Of servers that start for the first time at the same moment, one shows its key.
        var key = AccessKey.New("operator");
        var made = Convert.ToHexStringLower(AccessKey.Hash(key));
        var kept = await catalog.EnsureSettingAsync(Setting, made, ct);
        _hash = Convert.FromHexString(kept);
        JustMade = kept == made ? key : null;
    }

    /// <summary>Makes a new key; the old one stops working.</summary>
    public async Task<string> ReplaceAsync(CancellationToken ct)
    {
        var key = AccessKey.New("operator");
        var hash = AccessKey.Hash(key);
        await catalog.SetSettingAsync(Setting, Convert.ToHexStringLower(hash), ct);
        _hash = hash;
        return key;
    }

    /// <summary>Whether <paramref name="key"/> is the operator's.</summary>
    public bool Matches(string key) => _hash.Length > 0 && AccessKey.Matches(key, _hash);
}
