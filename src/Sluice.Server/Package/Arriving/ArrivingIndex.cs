using Microsoft.Win32.SafeHandles;
using Sluice.Media.Binary;

namespace Sluice.Server.Package.Arriving;

/// <summary>A track index that is read while it is written. It is scratch: it is made again whenever it is needed.</summary>
internal sealed class ArrivingIndex(string path) : IByteSink, IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
    private long _length;

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file, bytes, _length);
        _length += bytes.Length;
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="InvalidDataException">It is shorter.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = RandomAccess.Read(_file, destination, offset);
            if (count == 0)
            {
                throw new InvalidDataException("The index of an arriving track is shorter than its rows say.");
            }

            destination = destination[count..];
            offset += count;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
