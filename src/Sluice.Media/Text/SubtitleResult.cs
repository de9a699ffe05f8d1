namespace Sluice.Media.Text;

/// <summary>What a subtitle file holds, or why it cannot be read.</summary>
/// <param name="Cues">By their start; empty when there is a problem.</param>
/// <param name="Problem">In words for a person; null when all is well.</param>
/// <param name="Line">Line of the file that the problem is about, from 1; 0 when it is about the whole.</param>
public sealed record SubtitleResult(IReadOnlyList<Cue> Cues, string? Problem, int Line)
{
    internal static SubtitleResult Of(List<Cue> cues) =>
        cues.Count == 0 ? Failed("there is no text in it", 0) : new([.. cues.OrderBy(static c => c.StartMilliseconds)], null, 0);

    internal static SubtitleResult Failed(string problem, int line) => new([], problem, line);
}
