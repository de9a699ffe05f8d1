using Sluice.Server.Catalog;

namespace Sluice.Server.Probe;

/// <summary>Makes chapters of what ffprobe tells of them: in order, none within another, none beyond the end.</summary>
internal static class ChapterReading
{
    /// <summary>More than any film or talk has; all of them are in one row of the catalog.</summary>
    public const int Most = 500;

    private const int LongestTitle = 200;

    /// <summary>The chapters, or none when there are fewer than two: one alone leads nowhere.</summary>
    /// <param name="raw">As ffprobe told them.</param>
    /// <param name="startSeconds">Where the source's timeline begins.</param>
    /// <param name="durationSeconds">Length of the title; 0 when it is not known.</param>
    public static IReadOnlyList<Chapter> Read(IReadOnlyList<FfprobeChapter> raw, double startSeconds, double durationSeconds)
    {
        var length = durationSeconds > 0 ? durationSeconds : double.MaxValue;
        var begun = raw
            .Select(c => (Start: FfprobeText.Seconds(c.StartTime) - startSeconds, End: FfprobeText.Seconds(c.EndTime) - startSeconds, Title: TitleOf(c)))
            .Where(c => c.Start < length)
            .Select(c => (Start: Math.Max(0, c.Start!.Value), c.End, c.Title))
            .OrderBy(c => c.Start)
            .DistinctBy(c => c.Start)
            .Take(Most)
            .ToList();
        return begun.Count < 2 ? [] :
        [
            .. begun.Select((c, n) =>
            {
                var latest = n + 1 < begun.Count ? begun[n + 1].Start : length;
                var end = c.End > c.Start && c.End < latest ? c.End.Value : latest;
                return new Chapter(Rounded(c.Start), end == double.MaxValue ? Rounded(c.Start) : Rounded(end), c.Title);
            }),
        ];
    }

    private static double Rounded(double seconds) => Math.Round(seconds, 3);

    private static string? TitleOf(FfprobeChapter chapter)
    {
        var title = chapter.Tags?.FirstOrDefault(t => t.Key.Equals("title", StringComparison.OrdinalIgnoreCase)).Value;
        var text = title is null ? "" : string.Concat(title.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length == 0 ? null : text[..CutOf(text)];
    }

    /// <summary>Where a long title is cut: not within a character.</summary>
    private static int CutOf(string text) =>
        text.Length <= LongestTitle ? text.Length : char.IsHighSurrogate(text[LongestTitle - 1]) ? LongestTitle - 1 : LongestTitle;
}
