using System.IO.Compression;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What a first visit loads, compressed: the player's own libraries are not among it.</summary>
public sealed class BudgetTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int MostBytes = 150_000;

    [Theory]
    [InlineData("/", "dropzone")]
    [InlineData("/admin", "overview")]
    [InlineData("/channels", "channel-form")]
    public async Task A_first_visit_is_small(string path, string there)
    {
        var bodies = new List<Task<byte[]>>();
        Page.Response += (_, response) =>
        {
            if (response.Request.ResourceType is "document" or "script" or "stylesheet")
            {
                bodies.Add(response.BodyAsync());
            }
        };
        await OpenAsync(path);
        await Assertions.Expect(At(there)).ToBeVisibleAsync();

        var sizes = (await Task.WhenAll(bodies)).Select(Compressed).ToArray();
        sizes.Length.ShouldBeGreaterThan(2);
        sizes.Sum().ShouldBeLessThan(MostBytes);
    }

    private static long Compressed(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return compressed.Length;
    }
}
