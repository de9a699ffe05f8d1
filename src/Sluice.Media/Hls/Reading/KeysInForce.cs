namespace Sluice.Media.Hls;

/// <summary>The keys that apply to the next segment: one for each KEYFORMAT, each until the next of its format
/// (RFC 8216 section 4.3.2.4).</summary>
internal sealed class KeysInForce
{
    /// <summary>There are three systems in wide use, and the plain key.</summary>
    private const int MostFormats = 16;

    private readonly List<HlsKey> _keys = [];

    /// <summary>The one that can be used, else the first; null when nothing is encrypted.</summary>
    public HlsKey? Current { get; private set; }

    /// <summary>False when there are too many formats.</summary>
    /// <param name="key">Null for METHOD=NONE, which ends them all.</param>
    public bool TryTake(HlsKey? key)
    {
        if (key is null)
        {
            _keys.Clear();
        }
        else if (_keys.FindIndex(other => other.Format == key.Format) is >= 0 and var at)
        {
            _keys[at] = key;
        }
        else if (_keys.Count < MostFormats)
        {
            _keys.Add(key);
        }
        else
        {
            return false;
        }

        Current = _keys.Find(static other => other.Problem is null) ?? _keys.FirstOrDefault();
        return true;
    }
}
