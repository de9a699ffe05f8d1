namespace Sluice.Media.Manifests;

/// <summary>How a query string has to be spelled where a <see cref="ManifestTemplate"/> inserts it.</summary>
public enum QueryEscaping
{
    /// <summary>As it is: HLS playlists.</summary>
    None,

    /// <summary>In a URL template of an MPD: <c>&amp;</c> as <c>&amp;amp;</c> (XML 1.0 section 2.4) and <c>$</c> as
    /// <c>$$</c> (ISO/IEC 23009-1 section 5.3.9.4.4).</summary>
    MpdTemplate,
}
