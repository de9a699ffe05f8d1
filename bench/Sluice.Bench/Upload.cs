using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Bench;

/// <summary>A form with one file, that notes when the kernel has taken its last byte: some of it is then still in the
/// socket's buffers, so times that start there are rather too long than too short.</summary>
internal sealed class Upload : HttpContent
{
    private const string Boundary = "sluice-bench-boundary";
    private readonly string _path;
    private readonly Action? _whenSent;
    private readonly byte[] _before;
    private readonly byte[] _after = Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");

    public Upload(string path, Action? whenSent = null)
    {
        _path = path;
        _whenSent = whenSent;
        _before = Encoding.ASCII.GetBytes(
            $"--{Boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{Path.GetFileName(path)}\"\r\n"
            + "Content-Type: video/mp4\r\n\r\n");
        SizeBytes = new FileInfo(path).Length;
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={Boundary}");
    }

    /// <summary>Size of the file.</summary>
    public long SizeBytes { get; }

    /// <summary>When the last byte was out (<see cref="Stopwatch"/> ticks).</summary>
    public long LastByteAt { get; private set; }

    /// <summary>First byte to the last.</summary>
    public TimeSpan Took { get; private set; }

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var began = Stopwatch.GetTimestamp();
        await using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        await stream.WriteAsync(_before);
        await file.CopyToAsync(stream, 1 << 20);
        await stream.WriteAsync(_after);
        await stream.FlushAsync();
        LastByteAt = Stopwatch.GetTimestamp();
        _whenSent?.Invoke();
        Took = Stopwatch.GetElapsedTime(began, LastByteAt);
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _before.Length + SizeBytes + _after.Length;
        return true;
    }
}
