using System.Security.Cryptography;

namespace Sluice.Media.Crypto;

/// <summary>
/// Decrypts one segment of METHOD=AES-128 (RFC 8216 section 4.3.2.4: AES-128 in CBC mode, padded by PKCS #7) as its bytes come.
/// Clear bytes come out up to 32 behind: only the end of the segment tells which of the last block is padding.
/// </summary>
public sealed class SegmentDecryptor : IDisposable
{
    private const int Block = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _iv = new byte[Block];

    /// <summary>What waits: bytes of a block that is not whole, or a whole one that may be the last.</summary>
    private readonly byte[] _held = new byte[Block];
    private int _heldBytes;
    private bool _isComplete;

    /// <param name="key">16 bytes.</param>
    /// <param name="iv">16 bytes, as <see cref="Hls.HlsKey.WriteIv"/> writes them.</param>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
    public SegmentDecryptor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        if (key.Length != Block || iv.Length != Block)
        {
            throw new ArgumentException("A key and an initialization vector have 16 bytes.", key.Length != Block ? nameof(key) : nameof(iv));
        }

        _aes.SetKey(key);
        iv.CopyTo(_iv);
    }

    /// <summary>Why the segment is not what it should be, in words for a person; null while it may be.</summary>
    public string? Problem { get; private set; }

    /// <summary>Room that <see cref="Decrypt"/> asks for.</summary>
    public static int MostClearBytes(int encryptedBytes) => encryptedBytes + Block;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="encrypted">Any number of them.</param>
    /// <param name="clear">At least <see cref="MostClearBytes"/>; not the same memory.</param>
    /// <returns>Bytes written to <paramref name="clear"/>.</returns>
    public int Decrypt(ReadOnlySpan<byte> encrypted, Span<byte> clear)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        var written = 0;
        if (_heldBytes > 0 && !encrypted.IsEmpty)
        {
            var taken = Math.Min(Block - _heldBytes, encrypted.Length);
            encrypted[..taken].CopyTo(_held.AsSpan(_heldBytes));
            _heldBytes += taken;
            encrypted = encrypted[taken..];
            if (encrypted.IsEmpty)
            {
                return 0;
            }

            written = DecryptBlocks(_held, clear);
            _heldBytes = 0;
        }

        // The last of the whole blocks stays back; it may be the last of all.
        var whole = Math.Max(0, encrypted.Length - 1) / Block * Block;
        written += DecryptBlocks(encrypted[..whole], clear[written..]);
        encrypted[whole..].CopyTo(_held);
        _heldBytes = encrypted.Length - whole;
        return written;
    }

    /// <summary>Says that there is no more, and takes the padding off. Look at <see cref="Problem"/> afterwards.</summary>
    /// <param name="clear">At least 16 bytes.</param>
    /// <returns>Bytes written to <paramref name="clear"/>.</returns>
    public int Complete(Span<byte> clear)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        _isComplete = true;
        if (_heldBytes != Block)
        {
            Problem = _heldBytes == 0
                ? "the encrypted segment is empty"
                : "the encrypted segment was cut off: its length is no multiple of 16";
            return 0;
        }

        Span<byte> last = stackalloc byte[Block];
        DecryptBlocks(_held, last);
        int padding = last[^1];
        if (padding is 0 or > Block || last[^padding..].ContainsAnyExcept((byte)padding))
        {
            Problem = "its padding is wrong: the key or its IV is another, or the segment was cut off";
            return 0;
        }

        last[..^padding].CopyTo(clear);
        return Block - padding;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _isComplete = true;
        _aes.Dispose();
    }

    private int DecryptBlocks(ReadOnlySpan<byte> blocks, Span<byte> clear)
    {
        if (blocks.IsEmpty)
        {
            return 0;
        }

        _aes.DecryptCbc(blocks, _iv, clear, PaddingMode.None);
        blocks[^Block..].CopyTo(_iv);
        return blocks.Length;
    }
}
