namespace Sluice.Media.Hls;

/// <summary>Numbers as playlists write them (RFC 8216 section 4.2), whatever the language of this machine.</summary>
internal static class PlaylistNumbers
{
    /// <summary>More than eleven days: beyond any playlist, and as many of them as a playlist can hold are far from where <see cref="TimeSpan"/> ends.</summary>
    private const decimal MostSeconds = 1_000_000;

    /// <summary>decimal-integer, below 2^63.</summary>
    public static bool TryInteger(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>decimal-floating-point of seconds.</summary>
    public static bool TrySeconds(ReadOnlySpan<char> text, out TimeSpan value) => TrySignedSeconds(text, out value) && value >= TimeSpan.Zero;

    /// <summary>signed-decimal-floating-point of seconds.</summary>
    public static bool TrySignedSeconds(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = default;
        if (!TryDecimal(text, out var seconds) || Math.Abs(seconds) > MostSeconds)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)decimal.Round(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    public static bool TryDecimal(ReadOnlySpan<char> text, out decimal value) => decimal.TryParse(
        text.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>decimal-resolution: width and height, each above 0.</summary>
    public static bool TryResolution(string? text, out int width, out int height)
    {
        (width, height) = (0, 0);
        var by = text?.IndexOf('x', StringComparison.OrdinalIgnoreCase) ?? -1;
        return by > 0
            && int.TryParse(text.AsSpan(0, by), NumberStyles.None, CultureInfo.InvariantCulture, out width)
            && int.TryParse(text.AsSpan(by + 1), NumberStyles.None, CultureInfo.InvariantCulture, out height)
            && width > 0 && height > 0;
    }

    /// <summary><c>n[@o]</c>. An <c>@</c> with nothing behind it counts for none.</summary>
    /// <param name="text">The value.</param>
    /// <param name="length">n; above 0.</param>
    /// <param name="offset">o; null when it follows from what was before.</param>
    public static bool TryByteRange(string? text, out long length, out long? offset)
    {
        (length, offset) = (0, null);
        var at = text?.IndexOf('@', StringComparison.Ordinal) ?? -1;
        if (!TryInteger(at < 0 ? text : text.AsSpan(0, at), out length) || length == 0)
        {
            return false;
        }

        if (at < 0 || at == text!.Length - 1)
        {
            return true;
        }

        var isNumber = TryInteger(text.AsSpan(at + 1), out var start);
        offset = start;
        return isNumber && start <= long.MaxValue - length;
    }
}
