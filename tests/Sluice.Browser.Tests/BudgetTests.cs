using System.Collections.Concurrent;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>What a first visit loads, as it comes over the wire: the player's own libraries are not among it.</summary>
public sealed class BudgetTests(BrowserSuite suite) : BrowserTest(suite)
{
    private const int MostBytes = 150_000;

    [Theory]
    [InlineData("/", "dropzone")]
    [InlineData("/admin", "overview")]
    [InlineData("/channels", "channel-form")]
    public async Task A_first_visit_is_small(string path, string there)
    {
        var loaded = new ConcurrentQueue<IRequest>();
        Page.RequestFinished += (_, request) =>
        {
            if (request.ResourceType is "document" or "script" or "stylesheet")
            {
                loaded.Enqueue(request);
            }
        };
        await OpenAsync(path);
        await Assertions.Expect(At(there)).ToBeVisibleAsync();

        var sizes = await Task.WhenAll(loaded.Select(request => request.SizesAsync()));
        sizes.Length.ShouldBeGreaterThan(2);
        sizes.Sum(size => size.ResponseBodySize).ShouldBeInRange(10_000, MostBytes);
    }
}
