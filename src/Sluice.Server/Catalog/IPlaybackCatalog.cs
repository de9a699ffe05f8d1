namespace Sluice.Server.Catalog;

/// <summary>How playbacks went, as their players told. The oldest go when there are <see cref="Most"/>, and all of a title with it.</summary>
internal interface IPlaybackCatalog
{
    /// <summary>Rows that are kept, of all titles together; about 100 bytes each.</summary>
    const int Most = 100_000;

    /// <summary>Adds a row; its number is given here.</summary>
    Task AddPlaybackAsync(PlaybackRow row, CancellationToken ct);

    /// <summary>The newest rows of a title, newest first.</summary>
    Task<IReadOnlyList<PlaybackRow>> ListPlaybacksAsync(AssetId asset, int limit, CancellationToken ct);
}

/// <summary>How one playback went. Nothing in it tells who watched.</summary>
/// <param name="Asset">Of which title.</param>
/// <param name="At">When it was told.</param>
/// <param name="Kind"><c>hls</c> or <c>dash</c>.</param>
/// <param name="StartupMs">Milliseconds until something was seen; null when nothing ever was.</param>
/// <param name="WatchedSeconds">Seconds that were played.</param>
/// <param name="Stalls">Times that it stopped by itself.</param>
/// <param name="StalledMs">Milliseconds that it stood, in all.</param>
/// <param name="Switches">Changes of quality.</param>
/// <param name="DroppedFrames">Pictures that were not shown.</param>
/// <param name="Error">Why it ended, as a stable name; null when it did not fail.</param>
internal sealed record PlaybackRow(
    AssetId Asset, DateTimeOffset At, string Kind, int? StartupMs, int WatchedSeconds, int Stalls, int StalledMs, int Switches, int DroppedFrames, string? Error);
