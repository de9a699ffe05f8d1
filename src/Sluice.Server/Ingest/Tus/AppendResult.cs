using System.IO.Pipelines;
using Sluice.Server.Catalog;

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

    /// <summary>The upload takes nothing: it was made of parts.</summary>
    Final,

    /// <summary>The upload was refused, given up or has expired.</summary>
    Gone,

    /// <summary>The request holds more than the upload lacks; nothing of it is kept.</summary>
    TooMuch,

    /// <summary>The bytes are not those of the checksum; nothing of them is kept.</summary>
    ChecksumMismatch,

    /// <summary>The disk is full; what came is kept.</summary>
    DiskFull,
}

/// <summary>How an attempt to append ended.</summary>
/// <param name="End">How.</param>
/// <param name="Upload">The upload afterwards; null when there is none.</param>
internal readonly record struct AppendResult(AppendEnd End, Upload? Upload)
{
    /// <summary>What became of the upload, when these were its last bytes; null otherwise.</summary>
    public IntakeResult? Ended { get; init; }
}

/// <summary>A request to append.</summary>
/// <param name="Offset">Where the client thinks that the upload is.</param>
/// <param name="LengthBytes">Length of the body; null when that is not known.</param>
/// <param name="Checksum">What the client says of the body; null when it says nothing.</param>
/// <param name="Body">The body.</param>
internal sealed record AppendRequest(long Offset, long? LengthBytes, UploadChecksum? Checksum, PipeReader Body)
{
    /// <summary>Told whenever something came.</summary>
    public Action Heard { get; init; } = static () => { };
}
