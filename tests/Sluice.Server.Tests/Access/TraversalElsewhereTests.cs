using Shouldly;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>As <see cref="TraversalTests"/>, where media lie in a bucket, and what is published in a folder.</summary>
[Collection(nameof(Swift))]
public sealed class TraversalElsewhereTests(Swift swift, Clip clip) : IClassFixture<Clip>
{
    [Fact]
    public async Task Every_route_that_takes_a_name_refuses_every_way_out()
    {
        var home = Directory.CreateTempSubdirectory("sluice-test-");
        var flat = home.CreateSubdirectory("flat");
        await File.WriteAllTextAsync(Path.Combine(flat.FullName, "m3u8_index_cache.json"), "[]");
        foreach (var folder in (DirectoryInfo[])[home, flat.CreateSubdirectory("sub")])
        {
            foreach (var ending in (string[])["", ".ts", ".m3u8"])
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "canary.txt" + ending), TraversalTests.Canary);
            }
        }

        await using var watched = await FaultyS3.StartAsync(swift.Url);
        var s3 = swift.Options(watched.Url);
        await using (var server = await SluiceServer.StartAsync(
            options =>
            {
                S3Title.Use(options, s3);
                options.Publish.Targets = new Dictionary<string, string> { ["flat"] = flat.FullName };
            },
            realPackager: true))
        {
            await TraversalTests.AskAllAsync(server, clip);
        }

        watched.Asked.ShouldNotBeEmpty();
        watched.Asked.ShouldAllBe(asked => !asked.Contains("..", StringComparison.Ordinal) && !asked.Contains("canary", StringComparison.Ordinal));
        home.Delete(recursive: true);
    }
}
