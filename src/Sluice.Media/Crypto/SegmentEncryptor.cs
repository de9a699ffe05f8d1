using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sluice.Media.Crypto;

/// <summary>
/// Encrypts one segment for METHOD=AES-128 (RFC 8216 section 4.3.2.4: AES-128 in CBC mode, padded by PKCS #7) as its bytes come.
/// Encrypted bytes come out up to 15 behind: only whole blocks can be encrypted.
/// </summary>
public sealed class SegmentEncryptor : IDisposable
{
    private const int Block = 16;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _iv = new byte[Block];
    private readonly byte[] _held = new byte[Block];
    private int _heldBytes;
    private bool _isComplete;

    /// <param name="key">16 bytes.</param>
    /// <param name="iv">16 bytes.</param>
    /// <exception cref="ArgumentException">One of them has another length.</exception>
    public SegmentEncryptor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> iv)
    {
        if (key.Length != Block || iv.Length != Block)
        {
            throw new ArgumentException("A key and an initialization vector have 16 bytes.", key.Length != Block ? nameof(key) : nameof(iv));
        }

        _aes.SetKey(key);
        iv.CopyTo(_iv);
    }

    /// <summary>Room that <see cref="Encrypt"/> and <see cref="Complete"/> ask for.</summary>
    public static int MostEncryptedBytes(int clearBytes) => clearBytes + Block;

    /// <summary>Length of a segment once it is encrypted: padding is never nothing.</summary>
    public static long EncryptedBytes(long clearBytes) => ((clearBytes / Block) + 1) * Block;

    /// <summary>The initialization vector of a segment that has none of its own in the playlist: its media sequence number, big-endian.</summary>
    /// <param name="sequence">The number.</param>
    /// <param name="iv">16 bytes.</param>
    public static void WriteIv(long sequence, Span<byte> iv)
    {
        iv.Clear();
        BinaryPrimitives.WriteInt64BigEndian(iv[8..], sequence);
    }

    /// <summary>Takes the next bytes.</summary>
    /// <param name="clear">Any number of them.</param>
    /// <param name="encrypted">At least <see cref="MostEncryptedBytes"/>; not the same memory.</param>
    /// <returns>Bytes written to <paramref name="encrypted"/>.</returns>
    public int Encrypt(ReadOnlySpan<byte> clear, Span<byte> encrypted)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        var written = 0;
        if (_heldBytes > 0)
        {
            var taken = Math.Min(Block - _heldBytes, clear.Length);
            clear[..taken].CopyTo(_held.AsSpan(_heldBytes));
            _heldBytes += taken;
            clear = clear[taken..];
            if (_heldBytes < Block)
            {
                return 0;
            }

            written = EncryptBlocks(_held, encrypted);
            _heldBytes = 0;
        }

        var whole = clear.Length / Block * Block;
        written += EncryptBlocks(clear[..whole], encrypted[written..]);
        clear[whole..].CopyTo(_held);
        _heldBytes = clear.Length - whole;
        return written;
    }

    /// <summary>Says that there is no more, and pads.</summary>
    /// <param name="encrypted">At least 16 bytes.</param>
    /// <returns>Bytes written to <paramref name="encrypted"/>: 16.</returns>
    public int Complete(Span<byte> encrypted)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        _held.AsSpan(_heldBytes).Fill((byte)(Block - _heldBytes));
        var written = EncryptBlocks(_held, encrypted);
        _isComplete = true;
        return written;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _isComplete = true;
        _aes.Dispose();
    }

    private int EncryptBlocks(ReadOnlySpan<byte> blocks, Span<byte> encrypted)
    {
        if (blocks.IsEmpty)
        {
            return 0;
        }

        _aes.EncryptCbc(blocks, _iv, encrypted, PaddingMode.None);
        encrypted.Slice(blocks.Length - Block, Block).CopyTo(_iv);
        return blocks.Length;
    }
}
