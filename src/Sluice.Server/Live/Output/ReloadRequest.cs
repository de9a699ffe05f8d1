using System.Globalization;

namespace Sluice.Server.Live.Output;

/// <summary>Which state of a playlist a player asks for: <c>_HLS_msn</c>, the number of a segment that is to be in it (RFC 8216bis section
/// 6.2.5.2). There are no parts, so <c>_HLS_part</c> says nothing more; <c>_HLS_skip</c> is answered with the whole playlist.</summary>
/// <param name="Number">Media sequence number; null for what there is.</param>
/// <param name="IsValid">False for what no player would send.</param>
internal readonly record struct ReloadRequest(long? Number, bool IsValid)
{
    private const string NumberName = "_HLS_msn";
    private const string PartName = "_HLS_part";

    /// <summary>How far behind the last segment a player may ask.</summary>
    public const int MostAhead = 2;

    /// <summary>Reads it from a query.</summary>
    public static ReloadRequest Of(IQueryCollection query)
    {
        var number = query[NumberName];
        var part = query[PartName];
        if (number.Count == 0)
        {
            return new ReloadRequest(null, part.Count == 0);
        }

        var isNumber = long.TryParse(number.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        var isPart = part.Count == 0 || long.TryParse(part.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return new ReloadRequest(value, isNumber && isPart);
    }
}
