using Sluice.Media.Binary;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Sessions;

/// <summary>A file that lies elsewhere as the media library wants to see it, while it finds its way in it. It waits for what is not here.</summary>
/// <param name="file">The file.</param>
/// <param name="mostBytes">Bytes that may be fetched for it; a file that takes more is none to be read in parts.</param>
/// <param name="ct">Ends the waiting.</param>
internal sealed class SessionByteSource(SessionFile file, long mostBytes, CancellationToken ct) : IByteSource
{
    private const int MostPiece = 256 << 10;

    private readonly long _before = file.FetchedBytes;

    /// <inheritdoc />
    public long Length => file.Length;

    /// <inheritdoc />
    /// <exception cref="SourceUnavailableException">It cannot be read.</exception>
    /// <exception cref="SessionException">It cannot be understood with so little.</exception>
    public int Read(long offset, Span<byte> destination)
    {
        if (file.FetchedBytes - _before > mostBytes)
        {
            throw new SessionException(
                ErrorCode.SourceUnsupported,
                $"To find the way in this file, more than {mostBytes >> 20} MiB of it would have to be fetched: its tables are spread all over it. Import it instead.");
        }

        // The library reads through small windows, so little is copied.
        var piece = new byte[Math.Min(destination.Length, MostPiece)];
        var reading = file.Reader.ReadAsync(offset, piece, ct);
        var count = reading.IsCompletedSuccessfully ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
        piece.AsSpan(0, count).CopyTo(destination);
        return count;
    }
}
