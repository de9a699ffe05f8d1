using System.Security.Cryptography;

namespace Sluice.Server.Ingest;

/// <summary>
/// SHA-256 of a stream of bytes, worked out beside their being written: while one buffer is hashed, the next one is received. Who appends uses
/// two buffers in turn, because what was appended must not change before the next call has returned.
/// </summary>
internal sealed class SideHash : IAsyncDisposable
{
    /// <summary>Less than this is hashed sooner than another thread would begin.</summary>
    private const int WorthAThread = 32 * 1024;

    private const int FileBufferBytes = 1 << 20;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private Task _running = Task.CompletedTask;

    /// <summary>Bytes that were appended.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Appends; hashing may go on after this has returned.</summary>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _running;
        LengthBytes += bytes.Length;
        if (bytes.Length < WorthAThread)
        {
            _hash.AppendData(bytes.Span);
        }
        else
        {
            _running = Task.Run(() => _hash.AppendData(bytes.Span));
        }
    }

    /// <summary>Waits until nothing that was appended is looked at any more.</summary>
    public Task SettleAsync() => _running;

    /// <summary>The hash of all that was appended, in lower-case hex.</summary>
    public async Task<string> FinishAsync()
    {
        await _running;
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

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

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _running;
        _hash.Dispose();
    }
}
