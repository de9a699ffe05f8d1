using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Ingest;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>The hash that is worked out beside the writing is that of the bytes.</summary>
public sealed class SideHashTests
{
    [Fact]
    public async Task Two_buffers_in_turn_hash_as_one_stream()
    {
        var (random, all) = (new Random(3), new List<byte>());
        await using var hash = new SideHash();
        var (buffer, other) = (new byte[100_000], new byte[100_000]);
        for (var n = 0; n < 200; n++)
        {
            var length = random.Next(0, n % 3 == 0 ? 500 : buffer.Length);
            random.NextBytes(buffer.AsSpan(0, length));
            all.AddRange(buffer[..length]);
            await hash.AppendAsync(buffer.AsMemory(0, length));
            (buffer, other) = (other, buffer);
        }

        hash.LengthBytes.ShouldBe(all.Count);
        var expected = Convert.ToHexStringLower(SHA256.HashData(all.ToArray()));
        (await hash.FinishAsync()).ShouldBe(expected);

        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, [.. all]);
        (await SideHash.OfFileAsync(path, default)).ShouldBe(expected);
        File.Delete(path);
    }
}
