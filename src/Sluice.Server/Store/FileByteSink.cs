using System.Security.Cryptography;
using Sluice.Media.Binary;

namespace Sluice.Server.Store;

/// <summary>A new local file that the media library writes front to back, hashed on the way.</summary>
internal sealed class FileByteSink(string path) : IByteSink, IDisposable
{
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <inheritdoc />
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes);
        _hash.AppendData(bytes);
    }

    /// <summary>Writes what is buffered to the file and answers the SHA-256 of all that was written.</summary>
    public byte[] Complete()
    {
        _file.Flush();
        return _hash.GetHashAndReset();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
    }
}
