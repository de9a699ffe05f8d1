namespace Sluice.Server.Live;

/// <summary>How a download ended.</summary>
/// <param name="Bytes">That came, as they were sent.</param>
/// <param name="Problem">Why not all of it came, in words for a person; null when all did.</param>
/// <param name="Status">HTTP status that it ended with; 0 when there was none.</param>
/// <param name="Retries">Times that it was asked for again.</param>
internal sealed record DownloadResult(long Bytes, string? Problem, int Status, int Retries)
{
    /// <summary>From the first request to the first byte; null when none came.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>What it is asked with has run out, or it was withdrawn: asking again will not help, asking for the playlist may.</summary>
    public bool IsDenied => Status is 401 or 403 or 410;
}
