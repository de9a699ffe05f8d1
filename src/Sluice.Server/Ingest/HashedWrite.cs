using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Server.Ingest;

/// <summary>Writes bytes that came to a file straight from where the connection put them, and hashes them beside.</summary>
internal static class HashedWrite
{
    /// <summary>Bytes worth a write and a thread for their hash; meanwhile the next ones are received.</summary>
    public const int PieceBytes = 256 * 1024;

    /// <summary>Bytes between two looks at the disk's free space.</summary>
    public const long LookBytes = 8L << 20;

    /// <summary>Writes; when it has returned, nobody looks at the bytes any more, be it that it failed.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="bytes">What.</param>
    /// <param name="hash">Takes note of them; null for none.</param>
    public static async ValueTask RunAsync(SafeFileHandle file, long offset, ReadOnlySequence<byte> bytes, SideHash? hash)
    {
        var hashing = hash?.AppendAsync(bytes) ?? Task.CompletedTask;
        try
        {
            if (bytes.IsSingleSegment)
            {
                RandomAccess.Write(file, bytes.FirstSpan, offset);
            }
            else
            {
                RandomAccess.Write(file, BlocksOf(bytes), offset);
            }
        }
        finally
        {
            await hashing;
        }
    }

    /// <summary>For one call into the kernel.</summary>
    private static List<ReadOnlyMemory<byte>> BlocksOf(ReadOnlySequence<byte> bytes)
    {
        var blocks = new List<ReadOnlyMemory<byte>>(16);
        foreach (var block in bytes)
        {
            blocks.Add(block);
        }

        return blocks;
    }
}
