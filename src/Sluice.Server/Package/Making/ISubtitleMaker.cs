using Sluice.Media.Text;

namespace Sluice.Server.Package.Making;

/// <summary>
/// Finds out what subtitles say when somebody wants it: their texts lie between everything else in a file that is elsewhere, and to look for all of them
/// would be to fetch it whole. Safe for concurrent use.
/// </summary>
internal interface ISubtitleMaker
{
    /// <summary>The subtitles, in the file's order.</summary>
    IReadOnlyList<MadeSubtitles> Subtitles { get; }

    /// <summary>The cues that begin from one time of the source to before another, in that time; null when it cannot be told.</summary>
    /// <param name="subtitles">Name of one of <see cref="Subtitles"/>.</param>
    /// <param name="fromMilliseconds">The beginning; <see cref="long.MinValue"/> for the source's.</param>
    /// <param name="toMilliseconds">The end; <see cref="long.MaxValue"/> for the source's.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="Store.SourceUnavailableException">The file cannot be read.</exception>
    ValueTask<IReadOnlyList<Cue>?> CuesAsync(string subtitles, long fromMilliseconds, long toMilliseconds, CancellationToken ct);
}
