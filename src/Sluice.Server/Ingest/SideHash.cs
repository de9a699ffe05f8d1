using System.Buffers;
using System.Security.Cryptography;

namespace Sluice.Server.Ingest;

/// <summary>
/// SHA-256 of a stream of bytes, worked out beside their being written (<see cref="HashedWrite"/>).
/// </summary>
internal sealed class SideHash : IDisposable
{
    /// <summary>Less than this is hashed sooner than another thread would begin.</summary>
    private const int WorthAThread = 32 * 1024;

    private const int FileBufferBytes = 1 << 20;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes that were appended.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Appends; what is returned is done when the bytes are not looked at any more. Until then nothing else may be asked.</summary>
    public Task AppendAsync(ReadOnlySequence<byte> bytes)
    {
        LengthBytes += bytes.Length;
        if (bytes.Length >= WorthAThread)
        {
            return Task.Run(() => Append(bytes));
        }

        Append(bytes);
        return Task.CompletedTask;
    }

    /// <summary>The hash of all that was appended, in lower-case hex.</summary>
    public string Current() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The hash of a whole file, in lower-case hex.</summary>
    public static Task<string> OfFileAsync(string path, CancellationToken ct) => Task.Run(
        () =>
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[FileBufferBytes];
            long offset = 0;
            int count;
            while ((count = RandomAccess.Read(file, buffer, offset)) > 0)
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                offset += count;
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        },
        ct);

    private void Append(ReadOnlySequence<byte> bytes)
    {
        foreach (var block in bytes)
        {
            _hash.AppendData(block.Span);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _hash.Dispose();
}
