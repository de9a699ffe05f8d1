namespace Sluice.Server.Live;

/// <summary>
/// A piece of a <see cref="ChunkLog"/>. One writer fills it front to back; what <see cref="Length"/> covers never changes, so it is read
/// without a lock. When it leaves the log its room serves another block, unless somebody holds it:
/// <code>
///   written ──▶ read by any number ──▶ dropped ──▶ held by nobody: its room is used again
///                                             └──▶ held: left to the collector, which keeps this one for them and no other
/// </code>
/// </summary>
/// <param name="start">Position in the log of its first byte.</param>
/// <param name="room">Room that another block had; null for new room.</param>
internal sealed class LogBlock(long start, byte[]? room = null)
{
    /// <summary>Below what the runtime puts on the heap of large objects, and some 345 transport packets.</summary>
    public const int Room = 64 * 1024;

    /// <summary>Stands for the number of holders of a block whose room is another's.</summary>
    private const int Nobodys = -1;

    private readonly byte[] _bytes = room ?? GC.AllocateUninitializedArray<byte>(Room);
    private int _holders;
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

    /// <summary>From now on its bytes stay as they are, until <see cref="Release"/>.</summary>
    /// <returns>False when they do so no more: it has left the log.</returns>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders != Nobodys;)
        {
            var found = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (found == holders)
            {
                return true;
            }

            holders = found;
        }

        return false;
    }

    /// <summary>Who held it needs it no more.</summary>
    public void Release() => Interlocked.Decrement(ref _holders);

    /// <summary>Room from <paramref name="offset"/> on, for the writer.</summary>
    public Span<byte> RoomFrom(int offset) => _bytes.AsSpan(offset);

    /// <summary>Bytes that are there, for readers who hold it.</summary>
    public ReadOnlyMemory<byte> Read(int from, int to) => _bytes.AsMemory(from, to - from);

    /// <summary>Takes it out of the log. A viewer that stands still must not keep alive all that came after.</summary>
    /// <returns>Its room, for another block; null when somebody holds it.</returns>
    public byte[]? Drop()
    {
        Volatile.Write(ref _isDropped, true);
        Next = null;
        return Interlocked.CompareExchange(ref _holders, Nobodys, 0) == 0 ? _bytes : null;
    }
}
