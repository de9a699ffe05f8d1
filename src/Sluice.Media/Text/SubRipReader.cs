namespace Sluice.Media.Text;

/// <summary>
/// Reads SubRip, which has no specification: a number, a line of times, lines of text, a blank line. Numbers may be missing or
/// wrong, and a blank line may stand inside a text; so a cue goes on until the next line of times.
/// </summary>
internal static class SubRipReader
{
    /// <summary>Reads the whole file.</summary>
    public static SubtitleResult Read(SubtitleLines lines)
    {
        var cues = new List<Cue>();
        for (lines.SkipBlank(); lines.Peek is { } first; lines.SkipBlank())
        {
            if (IsNumber(first))
            {
                lines.Take();
            }

            var number = lines.Number;
            if (lines.Take() is not { } timing || CueTime.TryReadLine(timing) is not var (start, end, _))
            {
                return SubtitleResult.Failed("a line like `00:00:01,000 --> 00:00:04,000` is expected", number);
            }

            if (end < start)
            {
                return SubtitleResult.Failed("the text ends before it starts", number);
            }

            var text = CueText.Clean(TakeText(lines));
            if (text.Length > 0 && end > start)
            {
                cues.Add(new Cue(start, end, text));
            }
        }

        return SubtitleResult.Of(cues);
    }

    private static List<string> TakeText(SubtitleLines lines)
    {
        var text = lines.TakeBlock();

        // Writers forget the blank line: then the next cue's number and times stand among the text.
        while (true)
        {
            lines.SkipBlank();
            if (lines.Peek is null || IsNumber(lines.Peek) || CueTime.TryReadLine(lines.Peek) is not null
                || lines.Peek.Contains("-->", StringComparison.Ordinal))
            {
                return text;
            }

            text.AddRange(lines.TakeBlock());
        }
    }

    private static bool IsNumber(string line) => line.AsSpan().Trim('\uFEFF').Trim() is { Length: > 0 and < 10 } digits
        && !digits.ContainsAnyExceptInRange('0', '9');
}
