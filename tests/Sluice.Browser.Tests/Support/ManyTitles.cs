using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests.Support;

/// <summary>Titles in the catalog without their files: a library that is long.</summary>
internal static class ManyTitles
{
    /// <summary>Adds <c>Title 0</c> and so on, the oldest first.</summary>
    public static async Task AddAsync(SluiceServer server, int count)
    {
        var began = server.Clock.GetUtcNow().AddDays(-1);
        for (var number = 0; number < count; number++)
        {
            await server.Assets.AddAsync(
                new Asset
                {
                    Id = AssetId.New(), Title = $"Title {number}", FileName = $"{number}.mp4", State = AssetState.Ready, SizeBytes = 1000 + number,
                    DurationSeconds = 60, CreatedAt = began.AddSeconds(number), UpdatedAt = began, AdminKeyHash = [1], Version = "abcd",
                    Tracks = [new("v0", "video", "h264", "copy", "plays as it is", "avc1.64001F", null, null)],
                }, TestContext.Current.CancellationToken);
        }
    }
}
