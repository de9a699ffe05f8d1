namespace Sluice.Media.Text;

/// <summary>
/// Reads WebVTT (W3C WebVTT section 4). Comments, styles and regions are passed over: a player of ours has its own style.
/// </summary>
internal static class WebVttReader
{
    private const string Signature = "WEBVTT";

    /// <summary>The first line of every WebVTT file (section 4.1).</summary>
    public static bool IsSignature(string line)
    {
        line = line.TrimStart('\uFEFF');
        return line.StartsWith(Signature, StringComparison.Ordinal) && (line.Length == Signature.Length || line[Signature.Length] is ' ' or '\t');
    }

    /// <summary>Reads from the signature on.</summary>
    public static SubtitleResult Read(SubtitleLines lines)
    {
        lines.TakeBlock(); // The header ends at a blank line.
        var cues = new List<Cue>();
        for (lines.SkipBlank(); lines.Peek is { } first; lines.SkipBlank())
        {
            var isCue = first.Contains("-->", StringComparison.Ordinal);
            if (!isCue && IsOther(first))
            {
                lines.TakeBlock();
                continue;
            }

            if (!isCue)
            {
                lines.Take(); // The cue's identifier.
            }

            var number = lines.Number;
            if (lines.Take() is not { } timing || CueTime.TryReadLine(timing) is not var (start, end, settings))
            {
                return SubtitleResult.Failed("a line like `00:01.000 --> 00:04.000` is expected", number);
            }

            if (end <= start)
            {
                return SubtitleResult.Failed("the text ends before it starts", number);
            }

            var text = CueText.Clean(lines.TakeBlock());
            if (text.Length > 0)
            {
                cues.Add(new Cue(start, end, text, CueSettings.Clean(settings)));
            }
        }

        return SubtitleResult.Of(cues);
    }

    private static bool IsOther(string line)
    {
        var word = line.Split(' ', '\t')[0];
        return word is "NOTE" or "STYLE" or "REGION";
    }
}
