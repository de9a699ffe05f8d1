using Microsoft.Win32.SafeHandles;

namespace Sluice.Server.Outbound.Remote;

/// <summary>
/// Blocks of a large file, the ones used last, in a local file of a bounded size.
/// <code>
///   block 812, 813, 0, 4071 …   ──▶   slots 0 1 2 3 …      a slot that is read is not given away meanwhile
/// </code>
/// On a full disk what is kept makes room for what comes: it grows no further. Elsewhere than on Windows its file has no name any more once it is open: it goes with the process, however that ends.
/// </summary>
internal sealed class BlockCache : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Slot> _slots = [];
    private readonly LinkedList<Slot> _byUse = new();
    private readonly Stack<Slot> _free = new();
    private readonly SafeFileHandle _file;
    private readonly int _blockBytes;
    private readonly int _most;
    private int _made;

    /// <param name="path">Where the file is made; must not exist.</param>
    /// <param name="blockBytes">Size of a block.</param>
    /// <param name="most">Blocks that are kept. A few more for as long as all are being read.</param>
    public BlockCache(string path, int blockBytes, int most)
    {
        (_blockBytes, _most) = (blockBytes, most);
        var options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None;
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, options | FileOptions.RandomAccess);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }
    }

    /// <summary>Bytes of its file.</summary>
    public long Bytes => (long)Volatile.Read(ref _made) * _blockBytes;

    /// <summary>Whether a block is here.</summary>
    public bool Has(long block)
    {
        lock (_gate)
        {
            return _slots.ContainsKey(block);
        }
    }

    /// <summary>Reads from a block.</summary>
    /// <param name="block">Which.</param>
    /// <param name="within">Where in it.</param>
    /// <param name="destination">As much as there is of the block from there on.</param>
    /// <returns>Bytes; 0 when the block is not here, or does not reach so far.</returns>
    /// <exception cref="ObjectDisposedException">It has been disposed of.</exception>
    public int Read(long block, int within, Span<byte> destination)
    {
        Slot? slot;
        lock (_gate)
        {
            if (!_slots.TryGetValue(block, out slot) || within >= slot.Length)
            {
                return 0;
            }

            slot.Readers++;
            _byUse.Remove(slot.Node);
            _byUse.AddFirst(slot.Node);
        }

        try
        {
            return RandomAccess.Read(_file, destination[..Math.Min(destination.Length, slot.Length - within)], PlaceOf(slot) + within);
        }
        finally
        {
            lock (_gate)
            {
                slot.Readers--;
            }
        }
    }

    /// <summary>Keeps a block; the one that was not used for longest goes for it.</summary>
    public void Put(long block, ReadOnlySpan<byte> bytes)
    {
        Slot slot;
        lock (_gate)
        {
            slot = _free.TryPop(out var free) ? free : (_made < _most ? null : TakeOldest()) ?? new Slot(_made++);
        }

        try
        {
            Write(slot, bytes);
        }
        catch (IOException)
        {
            Slot? oldest;
            lock (_gate)
            {
                _free.Push(slot); // There may be room the next time.
                oldest = TakeOldest();
            }

            if (oldest is null)
            {
                throw;
            }

            slot = oldest;
            Write(slot, bytes);
        }

        lock (_gate)
        {
            if (_slots.TryAdd(block, slot))
            {
                slot.Block = block;
                _byUse.AddFirst(slot.Node);
            }
            else
            {
                _free.Push(slot);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private void Write(Slot slot, ReadOnlySpan<byte> bytes)
    {
        slot.Length = bytes.Length;
        RandomAccess.Write(_file, bytes, PlaceOf(slot));
    }

    /// <summary>The slot that was not used for longest, which is nobody's from here on; null when all are read.</summary>
    private Slot? TakeOldest()
    {
        for (var node = _byUse.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Readers == 0)
            {
                _byUse.Remove(node);
                _slots.Remove(node.Value.Block);
                return node.Value;
            }
        }

        return null;
    }

    private long PlaceOf(Slot slot) => (long)slot.Number * _blockBytes;

    private sealed class Slot
    {
        public Slot(int number)
        {
            Number = number;
            Node = new LinkedListNode<Slot>(this);
        }

        public int Number { get; }

        public LinkedListNode<Slot> Node { get; }

        public long Block { get; set; }

        public int Length { get; set; }

        public int Readers { get; set; }
    }
}
