using Microsoft.Win32.SafeHandles;

namespace Sluice.Server.Package.Arriving;

/// <summary>
/// An arriving file as the media library wants to see it: as long as it will be, and a read ends where the bytes end that have landed.
/// Safe for concurrent reads. The handle stays good when the file is renamed or removed.
/// </summary>
internal sealed class LandedSource : IArrivingMovie
{
    private readonly ArrivingFile _file;
    private readonly SafeFileHandle _handle;

    /// <exception cref="IOException">The file is not there (yet).</exception>
    public LandedSource(ArrivingFile file)
    {
        _file = file;
        _handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <inheritdoc />
    public long Length => _file.TotalBytes;

    /// <inheritdoc />
    public long LandedBytes => _file.LandedBytes;

    /// <inheritdoc />
    public bool IsBehind => false;

    /// <inheritdoc />
    public string? Problem => null;

    /// <inheritdoc />
    public int Read(long offset, Span<byte> destination)
    {
        var there = _file.LandedBytes - offset;
        return offset < 0 || there <= 0 ? 0 : RandomAccess.Read(_handle, destination[..(int)Math.Min(destination.Length, there)], offset);
    }

    /// <inheritdoc />
    public void Dispose() => _handle.Dispose();
}
