using System.Net;
using System.Net.Http.Headers;

namespace Sluice.Server.Cli;

/// <summary>A file, or the rest of one, as the body of a request, read as it is sent: memory is one buffer, whatever its size.</summary>
internal sealed class FileContent : HttpContent
{
    private const int BufferBytes = 128 * 1024;
    private readonly FileInfo _file;
    private readonly long _offset;
    private readonly Action<long> _sent;

    /// <summary>The content of <paramref name="file"/> from <paramref name="offset"/> on; <paramref name="sent"/> is told how far in the file it is.</summary>
    public FileContent(FileInfo file, Action<long> sent, long offset = 0)
    {
        (_file, _sent, _offset) = (file, sent, offset);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var source = new FileStream(_file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        source.Position = _offset;
        var buffer = new byte[BufferBytes];
        var total = _offset;
        int length;
        while ((length = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            total += length;
            _sent(total);
        }
    }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _file.Length - _offset;
        return true;
    }
}
