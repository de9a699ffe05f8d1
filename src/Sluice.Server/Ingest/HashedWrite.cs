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
            foreach (var block in bytes)
            {
                RandomAccess.Write(file, block.Span, offset);
                offset += block.Length;
            }
        }
        finally
        {
            await hashing;
        }
    }
}
