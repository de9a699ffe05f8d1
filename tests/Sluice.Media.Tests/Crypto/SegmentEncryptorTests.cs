using System.Security.Cryptography;
using Shouldly;
using Sluice.Media.Crypto;
using Xunit;

namespace Sluice.Media.Tests.Crypto;

/// <summary>AES-128 segments, encrypted as they come and compared with the runtime's own.</summary>
public sealed class SegmentEncryptorTests
{
    private static readonly byte[] Key = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(188 * 16)]
    [InlineData(100_003)]
    public void Any_length_in_any_pieces_is_what_the_runtime_makes_of_it(int length)
    {
        var clear = new byte[length];
        new Random(length).NextBytes(clear);
        var iv = new byte[16];
        SegmentEncryptor.WriteIv(0x0102_0304, iv);
        iv.ShouldBe(Convert.FromHexString("00000000000000000000000001020304"));
        using var aes = Aes.Create();
        aes.Key = Key;
        var expected = aes.EncryptCbc(clear, iv);
        SegmentEncryptor.EncryptedBytes(length).ShouldBe(expected.Length);
        foreach (var piece in new[] { 1, 7, 16, 17, 1000, Math.Max(1, length) })
        {
            using var encryptor = new SegmentEncryptor(Key, iv);
            var made = new List<byte>();
            var room = new byte[SegmentEncryptor.MostEncryptedBytes(piece)];
            for (var at = 0; at < length; at += piece)
            {
                made.AddRange(room.AsSpan(0, encryptor.Encrypt(clear.AsSpan(at, Math.Min(piece, length - at)), room)));
            }

            made.AddRange(room.AsSpan(0, encryptor.Complete(room)));
            made.ToArray().AsSpan().SequenceEqual(expected).ShouldBeTrue($"in pieces of {piece}");
        }
    }

    [Fact]
    public void What_is_no_key_is_refused()
    {
        Should.Throw<ArgumentException>(() => new SegmentEncryptor(new byte[15], new byte[16])).ParamName.ShouldBe("key");
        Should.Throw<ArgumentException>(() => new SegmentEncryptor(new byte[16], new byte[17])).ParamName.ShouldBe("iv");
    }
}
