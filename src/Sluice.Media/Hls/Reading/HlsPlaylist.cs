namespace Sluice.Media.Hls;

/// <summary>
/// A playlist as somebody else's server wrote it (RFC 8216, draft-pantos-hls-rfc8216bis): a
/// <see cref="HlsMultivariantPlaylist"/> or a <see cref="HlsMediaPlaylist"/>. URIs are the text that was written, variables
/// put in; they are relative to where the playlist came from.
/// </summary>
public abstract record HlsPlaylist
{
    /// <summary>Largest playlist that is read, in bytes. Eleven hours in segments of two seconds take about as much.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>EXT-X-VERSION; 1 when it is not said.</summary>
    public int Version { get; init; } = 1;

    /// <summary>EXT-X-INDEPENDENT-SEGMENTS: every segment can be decoded alone.</summary>
    public bool IndependentSegments { get; init; }

    /// <summary>EXT-X-START; null when playing may start wherever it wants to.</summary>
    public HlsStart? Start { get; init; }

    /// <summary>EXT-X-DEFINE: what the media playlists of a multivariant playlist may import.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = HlsSurroundings.NoVariables;

    /// <summary>What is wrong but was got over; the first few.</summary>
    public IReadOnlyList<HlsProblem> Remarks { get; init; } = [];
}

/// <summary>EXT-X-START (section 4.3.5.2).</summary>
/// <param name="Offset">From the beginning; from the end when negative.</param>
/// <param name="IsPrecise">What lies before it in its segment is not shown.</param>
public sealed record HlsStart(TimeSpan Offset, bool IsPrecise);

/// <summary>What a playlist may refer to that is not in it (8216bis section 4.4.2.3).</summary>
public sealed record HlsSurroundings
{
    internal static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Variables of the multivariant playlist that named this one: <c>EXT-X-DEFINE:IMPORT</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = NoVariables;

    /// <summary>Query of the URL that the playlist came from, decoded: <c>EXT-X-DEFINE:QUERYPARAM</c>.</summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = NoVariables;
}
