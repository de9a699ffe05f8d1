namespace Sluice.Media.IsoBmff;

/// <summary>
/// Parts the bytes of a segment of fragmented MP4, as they come, into init segment and media: some repeat the one before the other,
/// and whoever fetches an EXT-X-MAP gets it in front.
/// <code>
///   ftyp … moov   ▶ init      the last one that is whole counts
///   all else      ▶ media     to be passed on as it is
/// </code>
/// </summary>
public sealed class SegmentSplitter
{
    /// <summary>Bytes of an init segment that are kept.</summary>
    public const int LargestInit = 1 << 20;

    private static readonly FourCc FtypType = "ftyp";
    private static readonly FourCc MoovType = "moov";
    private static readonly FourCc StypType = "styp";
    private static readonly FourCc SidxType = "sidx";
    private static readonly FourCc MoofType = "moof";
    private static readonly FourCc MdatType = "mdat";

    private readonly byte[] _head = new byte[16];
    private readonly List<byte> _init = [];
    private int _headBytes;
    private bool _headIsWhole;
    private long _left;
    private bool _isInit;
    private bool _isMovie;
    private bool _isData;

    /// <summary>Why this is no fragmented MP4, in words for a person; null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>The init segment that came last; null before the first.</summary>
    public ReadOnlyMemory<byte>? Init { get; private set; }

    /// <summary>What was given so far ends with a whole fragment: its data (<c>mdat</c>) have all come.</summary>
    public bool IsAtFragmentEnd { get; private set; }

    /// <summary>The next byte is the first of another segment. The init segment stays.</summary>
    public void Restart()
    {
        (_headBytes, _headIsWhole, _left, _isInit, _isMovie, _isData) = (0, false, 0, false, false, false);
        IsAtFragmentEnd = false;
        _init.Clear();
        Problem = null;
    }

    /// <summary>Takes bytes up to where something has to be done.</summary>
    /// <param name="bytes">What has come; what was taken is cut off its front.</param>
    /// <param name="media">Bytes of media, valid until the next call; empty when there is a new <see cref="Init"/>, which holds for
    /// the media after it.</param>
    /// <returns>False when all was taken and there is nothing to be done.</returns>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> media)
    {
        media = [];
        while (Problem is null && (_headIsWhole || !bytes.IsEmpty))
        {
            if (_left == 0 && !_headIsWhole)
            {
                TakeHead(ref bytes);
                continue;
            }

            var piece = Next(ref bytes);
            if (!_isInit)
            {
                IsAtFragmentEnd = _isData && _left == 0;
                media = piece;
                return true;
            }

            if (Keep(piece))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The header first, which had to be looked at; then the body as it comes.</summary>
    private ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> bytes)
    {
        if (_headIsWhole)
        {
            var head = _head.AsSpan(0, _headBytes);
            (_headIsWhole, _headBytes) = (false, 0);
            return head;
        }

        var piece = bytes[..(int)Math.Min(_left, bytes.Length)];
        _left -= piece.Length;
        bytes = bytes[piece.Length..];
        return piece;
    }

    private void TakeHead(ref ReadOnlySpan<byte> bytes)
    {
        var wanted = _headBytes >= 8 && _head.AsSpan(0, 4) is [0, 0, 0, 1] ? 16 : 8;
        var taken = Math.Min(wanted - _headBytes, bytes.Length);
        bytes[..taken].CopyTo(_head.AsSpan(_headBytes));
        _headBytes += taken;
        bytes = bytes[taken..];
        if (_headBytes < 8 || (_headBytes < 16 && _head.AsSpan(0, 4) is [0, 0, 0, 1]))
        {
            return;
        }

        // A uuid has more header than is looked at here; only its size matters.
        if (!BoxHeader.TryRead(_head.AsSpan(0, _headBytes), out var header) || header.SizeBytes < _headBytes)
        {
            Problem = "bytes that are no box of an MP4";
            return;
        }

        _headIsWhole = true;
        _left = header.SizeBytes - _headBytes;
        _isMovie = header.Type == MoovType;
        _isData = header.Type == MdatType;
        var begins = _isMovie || header.Type == FtypType;
        var ends = header.Type == StypType || header.Type == SidxType || header.Type == MoofType || header.Type == MdatType;
        _isInit = begins || (_isInit && !ends);
        if (header.Type == FtypType || !_isInit)
        {
            _init.Clear();
        }

        // What claims more than an init segment has is not waited for.
        Problem = _isInit && header.SizeBytes > LargestInit ? "an init segment of more than 1 MiB" : null;
    }

    private bool Keep(ReadOnlySpan<byte> piece)
    {
        if (_init.Count + piece.Length > LargestInit)
        {
            Problem = "an init segment of more than 1 MiB";
            return false;
        }

        _init.AddRange(piece);
        if (!_isMovie || _left > 0)
        {
            return false;
        }

        Init = _init.ToArray();
        _init.Clear();
        _isInit = false;
        return true;
    }
}
