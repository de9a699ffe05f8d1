namespace Sluice.Media.Hls;

/// <summary>Where a byte range begins that does not say so: behind the one before it, if that is of the same resource
/// (RFC 8216 section 4.3.2.2).</summary>
internal sealed class RangeMemory
{
    private string? _uri;
    private long _end;

    /// <param name="uri">The resource.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Where it begins, if that is said.</param>
    /// <param name="isGuess">It was not said, and there was nothing before it.</param>
    /// <returns>The range; null when it ends beyond what a file can be.</returns>
    public HlsByteRange? Of(string uri, long length, long? offset, out bool isGuess)
    {
        isGuess = offset is null && uri != _uri;
        var start = offset ?? (isGuess ? 0 : _end);
        if (start > long.MaxValue - length)
        {
            return null;
        }

        (_uri, _end) = (uri, start + length);
        return new HlsByteRange(start, length);
    }
}
