namespace Sluice.Server.Catalog;

/// <summary>An upload that comes in pieces. Immutable; the catalog answers with a new one after each change.</summary>
internal sealed record Upload
{
    /// <summary>Public random id; who knows it and has the key of its owner may go on with it.</summary>
    public required AssetId Id { get; init; }

    /// <summary>Size of the whole in bytes.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>Bytes that have come, each as durable as the configuration wants it.</summary>
    public long OffsetBytes { get; init; }

    /// <summary>It is a part of another upload, and becomes no title itself.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Ids of its parts, in order; empty unless it was made of some.</summary>
    public IReadOnlyList<AssetId> Parts { get; init; } = [];

    /// <summary>What the client said of it, as it said it.</summary>
    public string Metadata { get; init; } = "";

    /// <summary>SHA-256 of the key of who made it; null when no key was needed.</summary>
    public byte[]? OwnerHash { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>It is removed when nothing came until then.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The title that it became; null until then.</summary>
    public AssetId? Asset { get; init; }

    /// <summary>Why it became none, in words for a person; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Every byte has come.</summary>
    public bool IsComplete => OffsetBytes == LengthBytes;
}
