using System.Buffers;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Ingest;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>The hash that is worked out beside the writing is that of the bytes.</summary>
public sealed class SideHashTests
{
    [Fact]
    public async Task Small_and_large_pieces_hash_as_one_stream()
    {
        var (random, all) = (new Random(3), new List<byte>());
        using var hash = new SideHash();
        for (var n = 0; n < 200; n++)
        {
            var piece = new byte[random.Next(0, n % 3 == 0 ? 500 : 100_000)];
            random.NextBytes(piece);
            all.AddRange(piece);
            await hash.AppendAsync(new ReadOnlySequence<byte>(piece));
        }

        hash.LengthBytes.ShouldBe(all.Count);
        var expected = Convert.ToHexStringLower(SHA256.HashData(all.ToArray()));
        hash.Current().ShouldBe(expected);

        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, [.. all]);
        (await SideHash.OfFileAsync(path, default)).ShouldBe(expected);
        File.Delete(path);
    }
}
