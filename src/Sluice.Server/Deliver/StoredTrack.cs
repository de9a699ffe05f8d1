using Sluice.Media.Cmaf;
using Sluice.Media.Codecs;
using Sluice.Server.Store;

namespace Sluice.Server.Deliver;

/// <summary>
/// One packaged track, open for delivery: its index and the files its payload lies in. Holds the summary and the init
/// segment; everything else is read by range when it is asked for.
/// </summary>
internal sealed class StoredTrack : ISegmentFiles, IDisposable
{
    private readonly IObjectReader _index;
    private readonly IObjectReader?[] _payloads;
    private readonly TrackIndexFooter _footer;
    private readonly ISegmentSource? _segments;

    private StoredTrack(
        IObjectReader index, IObjectReader?[] payloads, ISegmentSource? segments, TrackIndexFooter footer, TrackSummary summary, byte[] init)
    {
        _segments = segments;
        _index = index;
        _payloads = payloads;
        _footer = footer;
        Summary = summary;
        Init = init;
        Description = InitSegmentReader.Description(init, summary.Kind);
    }

    /// <summary>What manifests say of the track.</summary>
    public TrackSummary Summary { get; }

    /// <summary>The CMAF header.</summary>
    public byte[] Init { get; }

    /// <summary>Its segments are made when they are wanted, and perhaps again.</summary>
    public bool IsMade => _segments is not null;

    /// <summary>A file of it is lost; see <see cref="IObjectReader.IsLost"/>.</summary>
    public bool IsLost => _index.IsLost || _payloads[0] is { IsLost: true } || _payloads[1] is { IsLost: true };

    /// <summary>The codec, as the CMAF header states it.</summary>
    public SampleDescription? Description { get; }

    /// <summary>Opens a track from its index; owns <paramref name="index"/> and <paramref name="gathered"/> from now on, but
    /// not <paramref name="source"/>.</summary>
    public static async ValueTask<StoredTrack?> OpenAsync(
        IObjectReader index, IObjectReader? source, IObjectReader? gathered, ISegmentSource? segments, CancellationToken ct)
    {
        var last = new byte[TrackIndexFooter.Size];
        if (index.Length >= last.Length && await index.ReadAllAsync(index.Length - last.Length, last, ct)
            && TrackIndexFooter.TryRead(last, index.Length, out var footer))
        {
            var init = new byte[footer.InitBytes];
            var json = new byte[footer.SummaryBytes];
            if (await index.ReadAllAsync(footer.InitOffset, init, ct) && await index.ReadAllAsync(footer.SummaryOffset, json, ct)
                && footer.ReadSummary(json) is { } summary)
            {
                return new StoredTrack(index, [source, gathered], segments, footer, summary, init);
            }
        }

        index.Dispose();
        gathered?.Dispose();
        return null;
    }

    /// <summary>Finds segment <paramref name="number"/>, from 1; null when there is none. Disposed by who reads it.</summary>
    /// <exception cref="ChunkAbsentException">It is made on demand, and not there in time.</exception>
    public async ValueTask<StoredSegment?> FindAsync(int number, CancellationToken ct)
    {
        if (await ReadRowAsync(number, ct) is not { } entry)
        {
            return null;
        }

        if (entry.HeadBytes == 0 && _segments is not null)
        {
            return await _segments.OpenAsync(this, number, entry.Timing, ct);
        }

        return _footer.Holds(entry)
            ? new StoredSegment(this, entry)
            : throw new InvalidDataException("A row of the track index is damaged.");
    }

    /// <summary>When segment <paramref name="number"/>, from 1, is shown; null when there is none.</summary>
    public async ValueTask<SegmentTiming?> FindTimingAsync(int number, CancellationToken ct) => (await ReadRowAsync(number, ct))?.Timing;

    /// <summary>All timings in order: one pass over the table.</summary>
    public async ValueTask<SegmentTiming[]> ReadTimingsAsync(CancellationToken ct)
    {
        const int Rows = 512;
        var timings = new SegmentTiming[_footer.SegmentCount];
        using var rows = new PooledBytes(SegmentEntry.Size * Rows);
        for (var done = 0; done < timings.Length; done += Rows)
        {
            var count = Math.Min(Rows, timings.Length - done);
            var chunk = rows.Memory[..(count * SegmentEntry.Size)];
            await RequireAsync(_footer.RowOffset(done + 1), chunk, ct);
            for (var i = 0; i < count; i++)
            {
                timings[done + i] = SegmentEntry.Read(chunk.Span[(i * SegmentEntry.Size)..]).Timing;
            }
        }

        return timings;
    }

    /// <inheritdoc />
    public ValueTask ReadBlobAsync(SegmentEntry entry, Memory<byte> blob, CancellationToken ct) =>
        RequireAsync(entry.BlobOffset, blob, ct);

    /// <inheritdoc />
    public async ValueTask ReadPayloadAsync(Extent from, Memory<byte> destination, CancellationToken ct)
    {
        var payload = _payloads[from.Source]
            ?? throw new InvalidDataException("The track index names a payload file that is not there.");
        if (!await payload.ReadAllAsync(from.Offset, destination, ct))
        {
            throw new InvalidDataException("The media file is shorter than its index says.");
        }
    }

    /// <inheritdoc />
    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> extents, CancellationToken ct)
    {
        for (var number = 0; number < _payloads.Length; number++)
        {
            if (_payloads[number] is { IsElsewhere: true } payload)
            {
                await payload.PrepareAsync(PartsOf(extents.Span, number), ct);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _index.Dispose();
        _payloads[1]?.Dispose();
    }

    private static List<BytePart> PartsOf(ReadOnlySpan<byte> extents, int source)
    {
        var parts = new List<BytePart>(extents.Length / Extent.Size);
        for (; extents.Length >= Extent.Size; extents = extents[Extent.Size..])
        {
            var extent = Extent.Read(extents);
            if (extent.Source == source)
            {
                parts.Add(new BytePart(extent.Offset, extent.LengthBytes));
            }
        }

        return parts;
    }

    private async ValueTask<SegmentEntry?> ReadRowAsync(int number, CancellationToken ct)
    {
        if (number < 1 || number > _footer.SegmentCount)
        {
            return null;
        }

        using var row = new PooledBytes(SegmentEntry.Size);
        await RequireAsync(_footer.RowOffset(number), row.Memory, ct);
        return SegmentEntry.Read(row.Memory.Span);
    }

    private async ValueTask RequireAsync(long offset, Memory<byte> destination, CancellationToken ct)
    {
        if (!await _index.ReadAllAsync(offset, destination, ct))
        {
            throw new InvalidDataException("The track index is shorter than it says.");
        }
    }
}
