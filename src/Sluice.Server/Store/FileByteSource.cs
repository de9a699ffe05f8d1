using Microsoft.Win32.SafeHandles;
using Sluice.Media.Binary;

namespace Sluice.Server.Store;

/// <summary>A local file as the media library wants to see it. Safe for concurrent reads.</summary>
internal sealed class FileByteSource : IByteSource, IDisposable
{
    private readonly SafeFileHandle _handle;

    public FileByteSource(string path)
    {
        _handle = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_handle);
    }

    /// <inheritdoc />
    public long Length { get; }

    /// <inheritdoc />
    public int Read(long offset, Span<byte> destination) =>
        offset < 0 || offset >= Length ? 0 : RandomAccess.Read(_handle, destination, offset);

    /// <inheritdoc />
    public void Dispose() => _handle.Dispose();
}
