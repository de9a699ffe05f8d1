using System.Buffers;
using Sluice.Media.Binary;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Matroska;

/// <summary>A file that lies elsewhere as the media library wants to see it. What was read last stays in memory: from frame to frame is a short
/// way. Nothing before what is asked for is read, and nothing behind it that would have to be waited for.</summary>
/// <param name="reader">The file.</param>
/// <param name="mostBytes">Bytes of pieces that may be read; beyond them it ends.</param>
/// <param name="ct">Ends the waiting for what is not here.</param>
internal sealed class PieceSource(IObjectReader reader, long mostBytes, CancellationToken ct) : IByteSource, IDisposable
{
    private const int PieceBytes = 128 << 10;

    private byte[]? _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private long _start;
    private int _length;
    private long _read;

    /// <inheritdoc />
    public long Length => reader.Length;

    /// <summary>More than it may give was asked for.</summary>
    public bool IsExhausted => _read > mostBytes;

    /// <inheritdoc />
    /// <exception cref="SourceUnavailableException">The file cannot be read.</exception>
    public int Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset >= Length || destination.IsEmpty)
        {
            return 0;
        }

        if (offset < _start || offset >= _start + _length)
        {
            Load(offset);
        }

        var within = (int)(offset - _start);
        var count = Math.Clamp(_length - within, 0, destination.Length);
        _piece.AsSpan(within, count).CopyTo(destination);
        return count;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_piece is { } piece)
        {
            _piece = null;
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private void Load(long start)
    {
        ObjectDisposedException.ThrowIf(_piece is null, this);
        var wanted = (int)Math.Min(PieceBytes, Length - start);
        (_start, _length) = (start, 0);
        if (IsExhausted)
        {
            return;
        }

        var reading = reader.ReadAsync(start, _piece.AsMemory(0, wanted), ct);
        _length = reading.IsCompletedSuccessfully ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
        _read += _length;
    }
}
