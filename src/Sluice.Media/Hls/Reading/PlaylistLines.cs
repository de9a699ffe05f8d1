namespace Sluice.Media.Hls;

/// <summary>The lines of a playlist that have something in them, without the blanks around it (RFC 8216 section 4.1).</summary>
internal ref struct PlaylistLines
{
    private ReadOnlySpan<char> _rest;

    public PlaylistLines(ReadOnlySpan<char> text) => _rest = text;

    /// <summary>From 1.</summary>
    public int Number { get; private set; }

    /// <summary>At least one character.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    public bool Next()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf('\n');
            Current = (end < 0 ? _rest : _rest[..end]).Trim();
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            Number++;
            if (!Current.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }
}
