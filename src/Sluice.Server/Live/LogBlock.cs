namespace Sluice.Server.Live;

/// <summary>
/// A piece of a <see cref="ChunkLog"/>. One writer fills it front to back; what <see cref="Length"/> covers never changes, so it is read
/// without a lock. It is left to the collector: a viewer that is still sending from it keeps this one alive, and no other.
/// </summary>
/// <param name="start">Position in the log of its first byte.</param>
internal sealed class LogBlock(long start)
{
    /// <summary>Below what the runtime puts on the heap of large objects, and some 345 transport packets.</summary>
    public const int Room = 64 * 1024;

    private readonly byte[] _bytes = new byte[Room];
    private int _length;
    private LogBlock? _next;
    private bool _isDropped;

    /// <summary>Position in the log of its first byte.</summary>
    public long Start { get; } = start;

    /// <summary>Bytes that may be read.</summary>
    public int Length
    {
        get => Volatile.Read(ref _length);
        set => Volatile.Write(ref _length, value);
    }

    /// <summary>The block that follows; once there is one, this one grows no more. Look here before at <see cref="Length"/>.</summary>
    public LogBlock? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }

    /// <summary>It has left the log, and knows no other block any more.</summary>
    public bool IsDropped => Volatile.Read(ref _isDropped);

    /// <summary>Room from <paramref name="offset"/> on, for the writer.</summary>
    public Span<byte> RoomFrom(int offset) => _bytes.AsSpan(offset);

    /// <summary>Bytes that are there, for readers.</summary>
    public ReadOnlyMemory<byte> Read(int from, int to) => _bytes.AsMemory(from, to - from);

    /// <summary>Takes it out of the log. A viewer that stands still must not keep alive all that came after.</summary>
    public void Drop()
    {
        Volatile.Write(ref _isDropped, true);
        Next = null;
    }
}
