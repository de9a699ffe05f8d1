using Sluice.Server.Catalog;

namespace Sluice.Server.Jobs;

/// <summary>Has titles made anew in another way, while they play as before.</summary>
internal interface IReplanning
{
    /// <summary>Asks for subtitles to be drawn into the picture of a title.</summary>
    /// <param name="asset">The title.</param>
    /// <param name="subtitles">The place of their track from 0, or their language; null for a picture without any.</param>
    /// <param name="ct">Ends the look into the file.</param>
    Task<ReplanAnswer> BurnAsync(AssetId asset, string? subtitles, CancellationToken ct);
}

/// <summary>What came of asking; all null when it is so already.</summary>
/// <param name="Job">The job that does it.</param>
/// <param name="NotNow">Why the title cannot be planned anew at all.</param>
/// <param name="Problem">Why this cannot be done, and what can.</param>
internal sealed record ReplanAnswer(Job? Job, string? NotNow = null, string? Problem = null);
