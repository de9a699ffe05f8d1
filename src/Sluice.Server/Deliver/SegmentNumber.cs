using System.Globalization;

namespace Sluice.Server.Deliver;

/// <summary>Numbers in the names of segments, from 1; one name for one segment.</summary>
internal static class SegmentNumber
{
    /// <summary>Reads <c>{number}{suffix}</c>, without leading zeros.</summary>
    public static bool TryRead(string file, string suffix, out int number)
    {
        number = 0;
        return file.EndsWith(suffix, StringComparison.Ordinal) && file[0] != '0'
            && int.TryParse(file.AsSpan(0, file.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
