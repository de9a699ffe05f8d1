using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Sluice.Bench;

/// <summary>The body of a tus request: a file, no faster than so many bytes a second.</summary>
internal sealed class PacedFile : HttpContent
{
    private const int PieceBytes = 64 * 1024;
    private readonly string _path;
    private readonly double _bytesPerSecond;
    private readonly CancellationToken _ct;
    private long _sent;

    public PacedFile(string path, double bytesPerSecond, CancellationToken ct)
    {
        (_path, _bytesPerSecond, _ct) = (path, bytesPerSecond, ct);
        SizeBytes = new FileInfo(path).Length;
        Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
    }

    /// <summary>Size of the file.</summary>
    public long SizeBytes { get; }

    /// <summary>Share that was sent, 0 to 1.</summary>
    public double Share => (double)Interlocked.Read(ref _sent) / SizeBytes;

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var piece = new byte[PieceBytes];
        var began = Stopwatch.GetTimestamp();
        while (await file.ReadAsync(piece, _ct) is > 0 and var count)
        {
            await stream.WriteAsync(piece.AsMemory(0, count), _ct);
            await stream.FlushAsync(_ct);
            var sent = Interlocked.Add(ref _sent, count);
            var early = TimeSpan.FromSeconds(sent / _bytesPerSecond) - Stopwatch.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, _ct);
            }
        }
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = SizeBytes;
        return true;
    }
}
