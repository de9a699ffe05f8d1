using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>Who removes a title gets its room back, also when it was being watched.</summary>
public sealed class RemovedTitleTests(Clip clip) : IClassFixture<Clip>
{
    [Fact]
    public async Task No_file_of_a_removed_title_stays_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Not tested: needs Linux.");
        await using var title = await Published.PublishAsync(clip.Path);
        (await title.Server.Http.GetByteArrayAsync((await title.ListAsync(await title.TrackAsync("v0")))[1])).ShouldNotBeEmpty();
        Opened(title.Server.Data).ShouldNotBeEmpty();

        using var removed = await title.Server.Http.DeleteAsync("/api/v1/media/" + title.Media.Text("id"));

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Eventually.Holds(() => Opened(title.Server.Data).Length == 0)).ShouldBeTrue(string.Join('\n', Opened(title.Server.Data)));
    }

    /// <summary>Media files below a folder that this process has open, removed ones included.</summary>
    private static string[] Opened(string data) =>
    [
        .. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")
            .Where(t => t.StartsWith(Path.Combine(data, "media"), StringComparison.Ordinal)
                || t.StartsWith(Path.Combine(data, "stage"), StringComparison.Ordinal)),
    ];
}
