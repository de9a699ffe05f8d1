using System.Security.Cryptography;
using Shouldly;
using Sluice.Media.Crypto;
using Sluice.Media.Hls;
using Xunit;

namespace Sluice.Media.Tests.Crypto;

/// <summary>AES-128 segments, encrypted by the runtime and decrypted as they come.</summary>
public sealed class SegmentDecryptorTests
{
    private static readonly byte[] Key = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");
    private static readonly byte[] Iv = Convert.FromHexString("FFEEDDCCBBAA99887766554433221100");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(188 * 16)]
    [InlineData(100_003)]
    public void Any_length_in_any_pieces_comes_out_as_it_was(int length)
    {
        var clear = Bytes(length);
        var encrypted = Encrypt(clear);
        foreach (var piece in new[] { 1, 7, 16, 17, 1000, encrypted.Length })
        {
            var (decrypted, problem) = Decrypt(encrypted, piece, Key, Iv);

            problem.ShouldBeNull();
            decrypted.AsSpan().SequenceEqual(clear).ShouldBeTrue($"in pieces of {piece}");
        }
    }

    [Fact]
    public void Bytes_come_out_at_most_two_blocks_behind()
    {
        using var decryptor = new SegmentDecryptor(Key, Iv);
        var encrypted = Encrypt(Bytes(10_000));
        var (given, got) = (0, 0);
        while (given < 9_000)
        {
            got += decryptor.Decrypt(encrypted.AsSpan(given, 100), new byte[SegmentDecryptor.MostClearBytes(100)]);
            given += 100;
            (given - got).ShouldBeInRange(1, 32);
        }
    }

    [Fact]
    public void Another_key_is_told()
    {
        var other = (byte[])Key.Clone();
        other[3] ^= 1;

        Decrypt(Encrypt(Bytes(1000)), 64, other, Iv).Problem.ShouldNotBeNull().ShouldContain("padding is wrong");
    }

    [Theory]
    [InlineData(0, "empty")]
    [InlineData(100, "no multiple of 16")]
    [InlineData(96, "padding is wrong")]
    public void A_segment_that_was_cut_off_is_told(int length, string reason)
    {
        var (decrypted, problem) = Decrypt(Encrypt(Bytes(1000))[..length], 64, Key, Iv);

        problem.ShouldNotBeNull().ShouldContain(reason);
        decrypted.AsSpan().SequenceEqual(Bytes(1000).AsSpan(0, decrypted.Length)).ShouldBeTrue("what came before is right all the same");
    }

    [Fact]
    public void The_media_sequence_number_is_the_vector_when_no_other_is_given()
    {
        var iv = new byte[16];
        new HlsKey("AES-128", "k", null, "identity").WriteIv(7794, iv);
        var clear = Bytes(500);

        Decrypt(Encrypt(clear, iv), 500, Key, Convert.FromHexString("00000000000000000000000000001E72")).Clear.ShouldBe(clear);
    }

    [Fact]
    public void Keys_of_another_length_are_a_mistake() => Should.Throw<ArgumentException>(() => new SegmentDecryptor(new byte[15], Iv));

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Encrypt(byte[] clear, byte[]? iv = null)
    {
        using var aes = Aes.Create();
        aes.Key = Key;
        return aes.EncryptCbc(clear, iv ?? Iv);
    }

    private static (byte[] Clear, string? Problem) Decrypt(byte[] encrypted, int piece, byte[] key, byte[] iv)
    {
        using var decryptor = new SegmentDecryptor(key, iv);
        using var clear = new MemoryStream();
        var room = new byte[SegmentDecryptor.MostClearBytes(piece)];
        for (var at = 0; at < encrypted.Length; at += piece)
        {
            var count = decryptor.Decrypt(encrypted.AsSpan(at, Math.Min(piece, encrypted.Length - at)), room);
            clear.Write(room, 0, count);
        }

        clear.Write(room, 0, decryptor.Complete(room.AsSpan()));
        return (clear.ToArray(), decryptor.Problem);
    }
}
