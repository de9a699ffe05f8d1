using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Server.Hosting;

/// <summary>
/// The memory that Kestrel reads requests into and writes answers from. Its own pool has blocks of 4 KB, which for an upload means a call into
/// the kernel for every 4 KB; with these it takes an eighth of them. A connection that waits holds none.
/// </summary>
internal sealed class ConnectionBuffers : IMemoryPoolFactory<byte>
{
    /// <inheritdoc />
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        /// <summary>Measured best of 4, 16, 32 and 64 KB (bench/results/uploads.md, segments.md).</summary>
        private const int BlockBytes = 32 * 1024;

        /// <summary>Blocks that are kept for the next to ask: 4 MB. More than that is garbage when it comes back.</summary>
        private const int MostKept = 128;

        /// <summary>The last that came back goes first: the processor still has it at hand.</summary>
        private readonly Stack<Block> _kept = new(MostKept);

        private readonly Lock _gate = new();

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            lock (_gate)
            {
                if (_kept.TryPop(out var block))
                {
                    return block;
                }
            }

            return new Block(this);
        }

        protected override void Dispose(bool disposing)
        {
            lock (_gate)
            {
                _kept.Clear();
            }
        }

        private void Return(Block block)
        {
            lock (_gate)
            {
                if (_kept.Count < MostKept)
                {
                    _kept.Push(block);
                }
            }
        }

        /// <summary>Pinned, for the kernel writes into it.</summary>
        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

            public void Dispose() => pool.Return(this);
        }
    }
}
