using Sluice.Media.Binary;

namespace Sluice.Media.Matroska;

/// <summary>
/// A forward pass over the frames of all tracks, from the beginning of a cluster on.
/// <code>
/// Cluster { Timestamp  SimpleBlock…  BlockGroup { Block  ReferenceBlock? }… }  Cluster …
/// </code>
/// Clusters and their children have ids of their own, so one flat walk does for clusters of unknown size too.
/// </summary>
/// <param name="source">The file.</param>
/// <param name="from">Where the cluster begins.</param>
/// <param name="limit">Nothing behind it is read.</param>
internal sealed class MatroskaFrameReader(IByteSource source, long from, long limit)
{
    private readonly ByteWindow _window = new(source, from, limit - from);
    private readonly List<int> _sizes = [];
    private long _cluster;
    private MatroskaFrame _block;
    private int _next;
    private long _blockEnd;

    /// <summary>Where the next element begins; frames that were handed out lie before it.</summary>
    public long Position => _window.Position;

    /// <summary>Why the pass ended before the file's own end, in words for a person; null when it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Steps to the next frame; false at the end of the clusters, and where the file is damaged.</summary>
    public bool TryRead(out MatroskaFrame frame)
    {
        if (_next < _sizes.Count || TryReadBlock())
        {
            frame = _block with { Lace = _next, SizeBytes = _sizes[_next] };
            _block = _block with { Offset = _block.Offset + _sizes[_next] };
            _next++;
            return true;
        }

        frame = default;
        return false;
    }

    /// <summary>Finds the next block, and stands at the next element when it has been read.</summary>
    private bool TryReadBlock()
    {
        if (_blockEnd > 0)
        {
            _window.SeekTo(_blockEnd);
            _blockEnd = 0;
        }

        while (EbmlElement.TryRead(_window, out var element))
        {
            switch (element.Id)
            {
                case MatroskaId.Cluster:
                    break;
                case MatroskaId.Timestamp when element.BodyBytes is > 0 and <= 8:
                    _cluster = MatroskaHead.Bounded(ReadUInt(_window, (int)element.BodyBytes));
                    break;
                case MatroskaId.SimpleBlock when element.End is { } end:
                    return TryEnter(end, end, isKey: null, duration: 0);
                case MatroskaId.BlockGroup when element.End is { } end:
                    if (TryReadGroup(end) is { } found)
                    {
                        return found;
                    }

                    break;
                default:
                    if (element.End is not { } next || next > source.Length)
                    {
                        return Fail();
                    }

                    _window.SeekTo(next);
                    break;
            }
        }

        return _window.Remaining > 0 && Fail();
    }

    /// <summary>A group's block is a keyframe unless it refers to another. Null for a group without a block.</summary>
    private bool? TryReadGroup(long end)
    {
        (long Body, long End)? block = null;
        var (isKey, duration) = (true, 0L);
        var children = new ByteWindow(source, _window.Position, end - _window.Position);
        while (children.Remaining > 0)
        {
            if (!EbmlElement.TryRead(children, out var child) || child.End is not { } childEnd || childEnd > end)
            {
                return Fail();
            }

            block = child.Id == MatroskaId.Block ? (child.BodyOffset, childEnd) : block;
            isKey &= child.Id != MatroskaId.ReferenceBlock;
            if (child is { Id: MatroskaId.BlockDuration, BodyBytes: <= 8 })
            {
                duration = MatroskaHead.Bounded(ReadUInt(children, (int)child.BodyBytes));
            }

            children.SeekTo(childEnd);
        }

        if (block is not { } found)
        {
            _window.SeekTo(end);
            return null;
        }

        _window.SeekTo(found.Body);
        return TryEnter(found.End, end, isKey, duration);
    }

    private static ulong ReadUInt(ByteWindow window, int bytes)
    {
        var value = 0UL;
        for (var i = 0; i < bytes; i++)
        {
            value = (value << 8) | window.ReadUInt8();
        }

        return value;
    }

    private bool TryEnter(long blockEnd, long elementEnd, bool? isKey, long duration)
    {
        if (elementEnd > source.Length || !EbmlNumber.TryRead(_window.Peek(8), keepMarker: false, out var track, out var length))
        {
            return Fail();
        }

        _window.SeekTo(_window.Position + length);
        var time = _cluster + (short)_window.ReadUInt16();
        var flags = _window.ReadUInt8();
        if (_window.Failed || !MatroskaLacing.TryRead(_window, (flags >> 1) & 3, blockEnd, _sizes))
        {
            return Fail();
        }

        _block = new MatroskaFrame(track, time, duration, isKey ?? (flags & 0x80) != 0, 0, _window.Position, 0);
        (_next, _blockEnd) = (0, elementEnd);
        return true;
    }

    private bool Fail()
    {
        Problem = string.Create(CultureInfo.InvariantCulture, $"it is damaged or cut off at byte {_window.Position}");
        _sizes.Clear();
        _next = 0;
        return false;
    }
}
