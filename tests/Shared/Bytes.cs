using Xunit;

namespace Sluice.Tests;

/// <summary>Compares bytes as bytes: element by element, as for any other sequence, a megabyte takes half a second.</summary>
internal static class Bytes
{
    /// <summary>They are the same; if not, it says from where on.</summary>
    public static void ShouldBe(this byte[]? actual, byte[]? expected, string? customMessage = null)
    {
        var said = customMessage is null ? "" : $" ({customMessage})";
        if (actual is null || expected is null)
        {
            Assert.True(actual == expected, $"{Length(actual)} instead of {Length(expected)}{said}");
            return;
        }

        var same = actual.AsSpan().CommonPrefixLength(expected);
        if (same < actual.Length || same < expected.Length)
        {
            Assert.Fail($"{Length(actual)} instead of {Length(expected)}, others from byte {same} on{said}: {Excerpt(actual, same)} instead of {Excerpt(expected, same)}");
        }
    }

    private static string Length(byte[]? bytes) => bytes is null ? "null" : $"{bytes.Length} bytes";

    private static string Excerpt(byte[] bytes, int from) => Convert.ToHexString(bytes.AsSpan(from, Math.Min(16, bytes.Length - from)));
}
