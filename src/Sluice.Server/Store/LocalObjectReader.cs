using Microsoft.Win32.SafeHandles;

namespace Sluice.Server.Store;

/// <summary>One open file. Reads complete synchronously: the bytes are nearly always in the page cache, and a
/// scheduled read costs more than it saves.</summary>
internal sealed class LocalObjectReader : IObjectReader
{
    private readonly SafeFileHandle _file;

    public LocalObjectReader(string path)
    {
        // Delete sharing: a title that is removed while somebody watches goes at once, its bytes with the last reader.
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Length = RandomAccess.GetLength(_file);
    }

    /// <inheritdoc />
    public long Length { get; }

    /// <summary>When the file that is open was last written, whatever has taken its place.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(_file);

    /// <inheritdoc />
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) =>
        ct.IsCancellationRequested
            ? ValueTask.FromCanceled<int>(ct)
            : new ValueTask<int>(RandomAccess.Read(_file, destination.Span, offset));

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
