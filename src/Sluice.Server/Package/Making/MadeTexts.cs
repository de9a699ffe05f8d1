using Sluice.Media.Text;

namespace Sluice.Server.Package.Making;

/// <summary>Subtitles of a title that are found when they are wanted, in the title's time.</summary>
/// <param name="maker">Finds them.</param>
/// <param name="zero">How the title's time follows from the source's.</param>
internal sealed class MadeTexts(ISubtitleMaker maker, TitleZero zero)
{
    /// <summary>The subtitles, in the file's order.</summary>
    public IReadOnlyList<MadeSubtitles> Subtitles => maker.Subtitles;

    /// <summary>Whole seconds by which the title's segments are later than the cues.</summary>
    public long OriginSeconds => zero.OriginSeconds;

    /// <summary>The cues that begin from one time on the timeline of the segments to before another, but counted from the title's zero; null when it cannot be
    /// told.</summary>
    /// <param name="subtitles">Name of one of <see cref="Subtitles"/>.</param>
    /// <param name="fromMilliseconds">The beginning; <see cref="long.MinValue"/> for the title's.</param>
    /// <param name="toMilliseconds">The end; <see cref="long.MaxValue"/> for the title's.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="Store.SourceUnavailableException">The file cannot be read.</exception>
    public async ValueTask<IReadOnlyList<Cue>?> CuesAsync(string subtitles, long fromMilliseconds, long toMilliseconds, CancellationToken ct)
    {
        var found = await maker.CuesAsync(subtitles, InSource(fromMilliseconds), InSource(toMilliseconds), ct);
        return found is null ? null :
        [
            .. found.Where(c => c.EndMilliseconds > zero.SourceMilliseconds).Select(c => c with
            {
                StartMilliseconds = Math.Max(0, c.StartMilliseconds - zero.SourceMilliseconds),
                EndMilliseconds = c.EndMilliseconds - zero.SourceMilliseconds,
            }),
        ];
    }

    private long InSource(long milliseconds) =>
        milliseconds is long.MinValue or long.MaxValue ? milliseconds : milliseconds - (zero.OriginSeconds * 1000) + zero.SourceMilliseconds;
}
