namespace Sluice.Media.IsoBmff;

/// <summary>One whole box that came through a <see cref="BoxFeed"/>.</summary>
/// <param name="Type">The box type.</param>
/// <param name="Start">Offset in the stream of the box.</param>
/// <param name="BodyStart">Offset in the stream of the first byte after the header.</param>
/// <param name="Whole">The box with its header. The bytes are nobody else's and stay as they are.</param>
internal readonly record struct FedBox(FourCc Type, long Start, long BodyStart, ReadOnlyMemory<byte> Whole)
{
    /// <summary>The box without its header.</summary>
    public ReadOnlyMemory<byte> Body => Whole[(int)(BodyStart - Start)..];
}

/// <summary>
/// Cuts a stream that comes in pieces of any size into its top-level boxes. Memory: one box that is kept, as far as its
/// bytes have come; what a header claims allocates nothing.
/// </summary>
/// <param name="limitOf">Largest size in bytes of a kept box of that type, less than 2 GiB; 0 for boxes that are stepped over;
/// <see cref="Open"/> for boxes whose body is taken as it comes.</param>
internal sealed class BoxFeed(Func<FourCc, int> limitOf)
{
    /// <summary>The box comes back as soon as its header is there, and whoever takes its body says so by <see cref="PassBody"/>.</summary>
    public const int Open = -1;

    private const int FirstRoomBytes = 64 * 1024;

    private readonly byte[] _head = new byte[16];
    private int _headBytes;
    private BoxHeader _header;
    private byte[]? _kept;
    private int _keptBytes;
    private bool _isOpening;
    private long _skip;
    private long _body;
    private long _position;

    /// <summary>Why nothing more is taken, in words for a person; null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>The stream stands between two boxes.</summary>
    public bool IsBetweenBoxes => Problem is null && _headBytes == 0 && _kept is null && _skip == 0 && _body == 0;

    /// <summary>Bytes that are still to come of the body of an open box.</summary>
    public long BodyBytes => _body;

    /// <summary>Offset in the stream of the next byte.</summary>
    public long Position => _position;

    /// <summary>Takes bytes up to the end of the next kept box, or of the header of an open one, which comes back with true; else
    /// takes them all. The body of an open box has to be taken first.</summary>
    public bool TryTake(ref ReadOnlySpan<byte> bytes, out FedBox box)
    {
        box = default;
        while (Problem is null && !bytes.IsEmpty && _body == 0)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                Advance(ref bytes, skipped);
            }
            else if (_kept is null)
            {
                TakeHeader(ref bytes);
                if (_isOpening)
                {
                    _isOpening = false;
                    box = new FedBox(_header.Type, _position - _header.HeaderBytes, _position, default);
                    return true;
                }
            }
            else
            {
                Keep(ref bytes);
            }

            if (_kept is not null && _keptBytes == _header.SizeBytes)
            {
                var start = _position - _keptBytes;
                box = new FedBox(_header.Type, start, start + _header.HeaderBytes, _kept.AsMemory(0, _keptBytes));
                _kept = null;
                return true;
            }
        }

        return false;
    }

    /// <summary>So many bytes of the body of an open box were taken elsewhere.</summary>
    public void PassBody(int bytes)
    {
        _body -= bytes;
        _position += bytes;
    }

    /// <summary>Forgets what is not whole: the next byte is the first of another stream.</summary>
    public void Restart()
    {
        (_headBytes, _kept, _keptBytes, _skip, _body, _position, _isOpening) = (0, null, 0, 0, 0, 0, false);
        Problem = null;
    }

    private void TakeHeader(ref ReadOnlySpan<byte> bytes)
    {
        // A size of 1 says that the real one follows in 64 bits (ISO/IEC 14496-12 section 4.2).
        var wanted = _headBytes >= 8 && _head.AsSpan(0, 4) is [0, 0, 0, 1] ? 16 : 8;
        var taken = Math.Min(wanted - _headBytes, bytes.Length);
        bytes[..taken].CopyTo(_head.AsSpan(_headBytes));
        _headBytes += taken;
        Advance(ref bytes, taken);
        if (_headBytes < 8 || (_headBytes < 16 && _head.AsSpan(0, 4) is [0, 0, 0, 1]))
        {
            return;
        }

        if (!BoxHeader.TryRead(_head.AsSpan(0, _headBytes), out _header) || _header.SizeBytes == 0)
        {
            Problem = _header.SizeBytes == 0 && _header.HeaderBytes > 0
                ? $"a box ({_header.Type}) without a length"
                : "bytes that are no box";
            return;
        }

        var limit = limitOf(_header.Type);
        if (limit == 0)
        {
            _skip = _header.SizeBytes - _headBytes;
        }
        else if (limit == Open)
        {
            _body = _header.SizeBytes - _headBytes;
            _isOpening = true;
        }
        else if (_header.SizeBytes > limit)
        {
            Problem = string.Create(CultureInfo.InvariantCulture, $"a box ({_header.Type}) of {_header.SizeBytes} bytes, more than {limit}");
        }
        else
        {
            _kept = new byte[(int)Math.Min(_header.SizeBytes, FirstRoomBytes)];
            _head.AsSpan(0, _headBytes).CopyTo(_kept);
            _keptBytes = _headBytes;
        }

        _headBytes = 0;
    }

    private void Keep(ref ReadOnlySpan<byte> bytes)
    {
        var taken = (int)Math.Min(_header.SizeBytes - _keptBytes, bytes.Length);
        if (_keptBytes + taken > _kept!.Length)
        {
            // At least doubled, so that the copying stays linear; never more than the box, once its bytes are there.
            Array.Resize(ref _kept, (int)Math.Min(_header.SizeBytes, Math.Max(2L * _kept.Length, (long)_keptBytes + taken)));
        }

        bytes[..taken].CopyTo(_kept.AsSpan(_keptBytes));
        _keptBytes += taken;
        Advance(ref bytes, taken);
    }

    private void Advance(ref ReadOnlySpan<byte> bytes, int count)
    {
        bytes = bytes[count..];
        _position += count;
    }
}
