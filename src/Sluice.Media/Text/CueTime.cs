namespace Sluice.Media.Text;

/// <summary>Times of cues: <c>01:02:03.004</c>, in SubRip <c>01:02:03,004</c>, in WebVTT also <c>02:03.004</c>.</summary>
internal static class CueTime
{
    private const string Arrow = "-->";
    private const int MostHourDigits = 4;

    /// <summary>Reads <c>start --&gt; end settings</c>. Null when the line is none.</summary>
    public static (long Start, long End, string Settings)? TryReadLine(string line)
    {
        var arrow = line.IndexOf(Arrow, StringComparison.Ordinal);
        if (arrow < 0)
        {
            return null;
        }

        var behind = line.AsSpan(arrow + Arrow.Length).Trim();
        var space = behind.IndexOfAny(' ', '\t');
        var end = space < 0 ? behind : behind[..space];
        return TryRead(line.AsSpan(0, arrow).Trim(), out var first) && TryRead(end, out var last)
            ? (first, last, space < 0 ? "" : behind[space..].Trim().ToString())
            : null;
    }

    /// <summary>Writes milliseconds as WebVTT section 3.3 has it, with hours.</summary>
    public static string Write(long milliseconds)
    {
        var (seconds, thousandths) = Math.DivRem(milliseconds, 1000);
        var (minutes, second) = Math.DivRem(seconds, 60);
        var (hours, minute) = Math.DivRem(minutes, 60);
        return string.Create(CultureInfo.InvariantCulture, $"{hours:D2}:{minute:D2}:{second:D2}.{thousandths:D3}");
    }

    /// <summary>Reads one time; writers of SubRip are lax about digits, so one to three are taken for each fraction.</summary>
    private static bool TryRead(ReadOnlySpan<char> text, out long milliseconds)
    {
        milliseconds = 0;
        var point = text.IndexOfAny('.', ',');
        var clock = point < 0 ? text : text[..point];
        long seconds = 0;
        var parts = 0;
        foreach (var range in clock.Split(':'))
        {
            if (++parts > 3 || !TryNumber(clock[range].Trim(), MostHourDigits, out var number) || (parts > 1 && number > 59))
            {
                return false;
            }

            seconds = (seconds * 60) + number;
        }

        var thousandths = 0;
        var fraction = point < 0 ? default : text[(point + 1)..].Trim();
        if (parts < 2 || (point >= 0 && !TryNumber(fraction, 3, out thousandths)))
        {
            return false;
        }

        for (var digits = fraction.Length; digits is > 0 and < 3; digits++)
        {
            thousandths *= 10;
        }

        milliseconds = (seconds * 1000) + thousandths;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, int mostDigits, out int number)
    {
        number = 0;
        return text.Length > 0 && text.Length <= mostDigits
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
