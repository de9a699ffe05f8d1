namespace Sluice.Server.Ingest.Tus;

/// <summary>How an attempt to append ended.</summary>
internal enum AppendEnd
{
    /// <summary>All that the request held is kept.</summary>
    Kept,

    /// <summary>The request broke off; what came is kept, unless its checksum was to be checked.</summary>
    Interrupted,

    /// <summary>Another request appends to the same upload now.</summary>
    Busy,

    /// <summary>The upload is at another offset.</summary>
    Conflict,

    /// <summary>The request holds more than the upload lacks; nothing of it is kept.</summary>
    TooMuch,

    /// <summary>The bytes are not those of the checksum; nothing of them is kept.</summary>
    ChecksumMismatch,

    /// <summary>The disk is full; what came is kept.</summary>
    DiskFull,
}

/// <summary>How an attempt to append ended, and where the upload is now.</summary>
/// <param name="End">How.</param>
/// <param name="OffsetBytes">Bytes that are kept.</param>
internal readonly record struct AppendResult(AppendEnd End, long OffsetBytes);

/// <summary>What is appended to, and how.</summary>
/// <param name="Upload">As the catalog has it.</param>
/// <param name="Checksum">What the client says of the bytes; null when it says nothing.</param>
/// <param name="ExpiresAt">Until when the upload is kept when no more comes.</param>
/// <param name="IsDurable">Flush to the platter before an offset is told; else bytes survive the death of this process, not that of the machine.</param>
/// <param name="FreeBytes">Room on the disk.</param>
internal sealed record AppendOrder(Catalog.Upload Upload, UploadChecksum? Checksum, DateTimeOffset ExpiresAt, bool IsDurable, Func<long> FreeBytes);
