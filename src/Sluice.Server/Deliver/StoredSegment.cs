using System.Buffers;
using Sluice.Media.Cmaf;
using Sluice.Server.Store;

namespace Sluice.Server.Deliver;

/// <summary>One segment, found and ready to be read: its bytes lie in the asset's files, or in a chunk of its own.</summary>
/// <param name="files">Where its track lies.</param>
/// <param name="entry">Its row; with a chunk, a row that says the same of the chunk.</param>
/// <param name="chunk">The chunk, open; null when the row says where the bytes lie. Owned.</param>
/// <param name="print">Of the chunk's bytes; made again it may have others. Empty where the same name always has the same bytes.</param>
internal sealed class StoredSegment(ISegmentFiles files, SegmentEntry entry, IObjectReader? chunk = null, string print = "") : IDisposable
{
    /// <summary>Where it lies in time, and its size.</summary>
    public SegmentEntry Entry => entry;

    /// <summary>A strong entity tag, without its quotes.</summary>
    /// <param name="name">Version, track and number: all that tells it from others, as long as it is not made again.</param>
    public string Tag(string name) => print.Length == 0 ? name : $"{name}-{print}";

    /// <summary>The row of an encoded chunk: one head, one extent.</summary>
    public static SegmentEntry EntryOf(SegmentTiming timing, int sizeBytes, int headBytes) =>
        new(timing, sizeBytes, 0, headBytes, 1);

    /// <summary>Reads head and extents into <paramref name="blob"/>, <see cref="SegmentEntry.BlobBytes"/> long.</summary>
    public async ValueTask ReadBlobAsync(Memory<byte> blob, CancellationToken ct)
    {
        if (chunk is null)
        {
            await files.ReadBlobAsync(entry, blob, ct);
            return;
        }

        await RequireAsync(chunk, 0, blob[..entry.HeadBytes], ct);
        new Extent(entry.HeadBytes, (int)entry.PayloadBytes, 0).WriteTo(blob.Span[entry.HeadBytes..]);
    }

    /// <summary>Fills <paramref name="destination"/> from where <paramref name="from"/> starts in its file, be it beyond its end.</summary>
    /// <exception cref="InvalidDataException">The file is not there or is shorter.</exception>
    public ValueTask ReadPayloadAsync(Extent from, Memory<byte> destination, CancellationToken ct) =>
        chunk is null ? files.ReadPayloadAsync(from, destination, ct) : RequireAsync(chunk, from.Offset, destination, ct);

    /// <summary>Makes sure that its payload can be read, before anything is sent; see <see cref="ISegmentFiles.PrepareAsync"/>.</summary>
    /// <param name="extents">As they stand in its blob.</param>
    /// <param name="ct">Cancels it.</param>
    public ValueTask PrepareAsync(ReadOnlyMemory<byte> extents, CancellationToken ct) =>
        chunk is null ? files.PrepareAsync(extents, ct) : ValueTask.CompletedTask;

    /// <summary>Writes the whole segment.</summary>
    public async Task WriteToAsync(IBufferWriter<byte> output, CancellationToken ct)
    {
        using var blob = new PooledBytes(entry.BlobBytes);
        await ReadBlobAsync(blob.Memory, ct);
        await PrepareAsync(blob.Memory[entry.HeadBytes..], ct);
        var size = checked((int)entry.SizeBytes);
        var memory = output.GetMemory(size)[..size];
        blob.Memory[..entry.HeadBytes].CopyTo(memory);
        var payload = new PayloadReader(this, blob.Memory[entry.HeadBytes..], 0);
        for (var filled = entry.HeadBytes; filled < memory.Length;)
        {
            var read = await payload.ReadAsync(memory[filled..], ct);
            filled += read > 0 ? read : throw new InvalidDataException("The segment's extents end before its size does.");
        }

        output.Advance(memory.Length);
    }

    /// <inheritdoc />
    public void Dispose() => chunk?.Dispose();

    private static async ValueTask RequireAsync(IObjectReader chunk, long offset, Memory<byte> destination, CancellationToken ct)
    {
        if (!await chunk.ReadAllAsync(offset, destination, ct))
        {
            throw new InvalidDataException("The chunk is shorter than its row says.");
        }
    }
}
