namespace Sluice.Server.Catalog;

/// <summary>
/// An upload that comes in pieces. Immutable; the catalog answers with a new one after each change.
/// <code>
///   open ──► all bytes are here ──► Asset is set: it became that title, or it is a part of that upload
///     └─────────────┴──► Reason is set: refused, given up or expired; the row is a gravestone for a while
/// </code>
/// </summary>
internal sealed record Upload
{
    /// <summary>A <see cref="LengthBytes"/> that is not known yet.</summary>
    public const long UnknownLength = -1;

    /// <summary>Public random id; who knows it and has the key of its owner may go on with it. A title that comes of it has the same.</summary>
    public required AssetId Id { get; init; }

    /// <summary>Counts uploads from 1; given by the catalog.</summary>
    public long Number { get; init; }

    /// <summary>Size of the whole in bytes, or <see cref="UnknownLength"/>.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>Bytes that have come, each as durable as the configuration wants it.</summary>
    public long OffsetBytes { get; init; }

    /// <summary>Numbered chunks that it comes in, in any order; 0 when it comes from front to back.</summary>
    public int ChunkCount { get; init; }

    /// <summary>It is a part of another upload, and becomes no title itself.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Ids of its parts, in order; empty unless it was made of some.</summary>
    public IReadOnlyList<AssetId> Parts { get; init; } = [];

    /// <summary>Bytes of it that are kept where all servers reach them, end to end from the first one on; empty where one server has them all.</summary>
    public IReadOnlyList<UploadPiece> Pieces { get; init; } = [];

    /// <summary>What the client said of it, as it said it.</summary>
    public string Metadata { get; init; } = "";

    /// <summary>SHA-256 of the key of who made it; null when no key was needed.</summary>
    public byte[]? OwnerHash { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>It is removed when nothing came until then; once it has ended, its row is.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The title that it became, or the upload that it is a part of; null until then.</summary>
    public AssetId? Asset { get; init; }

    /// <summary>Why it became none, in words for a person; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Every byte has come.</summary>
    public bool IsComplete => OffsetBytes == LengthBytes;

    /// <summary>Bytes from the first one on that all servers reach.</summary>
    public long SharedBytes => Pieces.Count > 0 ? Pieces[^1].End : 0;

    /// <summary>Nothing has become of it yet.</summary>
    public bool IsOpen => Asset is null && Reason is null;
}
