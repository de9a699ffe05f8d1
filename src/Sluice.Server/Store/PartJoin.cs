using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Server.Store;

/// <summary>
/// Makes one file of many, so that a process that dies meanwhile loses nothing, and the disk never holds more than one part twice.
/// <code>
///   the first part is renamed to the whole ──► each next one is appended, flushed, and only then removed
/// </code>
/// Parts that are still there are therefore always the end of the whole: the first of them says where to go on.
/// </summary>
internal static class PartJoin
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Joins, or goes on joining. Nothing happens when all was joined before.</summary>
    /// <param name="whole">Where the whole is, or becomes.</param>
    /// <param name="lengthBytes">Its size.</param>
    /// <param name="parts">The parts, in order.</param>
    /// <param name="durable">Flush to the platter before a part is removed.</param>
    /// <param name="ct">Ends it between two parts; it can be gone on with.</param>
    /// <exception cref="InvalidDataException">A part is missing, or has not the size that it had.</exception>
    public static void Run(string whole, long lengthBytes, IReadOnlyList<string> parts, bool durable, CancellationToken ct)
    {
        var left = parts.SkipWhile(p => !File.Exists(p)).ToList();
        var start = lengthBytes - left.Sum(p => new FileInfo(p).Length);
        if (left.Count == parts.Count && left.Count > 0)
        {
            // From before it began, or from a beginning that was not flushed.
            Require(start == 0, whole);
            start = new FileInfo(left[0]).Length;
            File.Move(left[0], whole, overwrite: true);
            left.RemoveAt(0);
        }

        using var target = File.OpenHandle(whole, FileMode.Open, FileAccess.ReadWrite);
        var length = RandomAccess.GetLength(target);
        Require(start >= 0 && length >= start, whole);
        if (length > start)
        {
            RandomAccess.SetLength(target, start);
        }

        foreach (var part in left)
        {
            ct.ThrowIfCancellationRequested();
            start += Append(target, start, part);
            if (durable)
            {
                RandomAccess.FlushToDisk(target);
            }

            File.Delete(part);
        }

        Require(start == lengthBytes, whole);
    }

    private static long Append(SafeFileHandle target, long offset, string part)
    {
        using var source = File.OpenHandle(part, options: FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long copied = 0;
            int count;
            while ((count = RandomAccess.Read(source, buffer.AsSpan(0, BufferBytes), copied)) > 0)
            {
                RandomAccess.Write(target, buffer.AsSpan(0, count), offset + copied);
                copied += count;
            }

            return copied;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Require(bool holds, string whole)
    {
        if (!holds)
        {
            throw new InvalidDataException($"The parts of {Path.GetFileName(whole)} are not what they were.");
        }
    }
}
