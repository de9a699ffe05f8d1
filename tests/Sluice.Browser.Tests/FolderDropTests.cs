using Microsoft.Playwright;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Folders: dropped as a person drops them, anywhere on the upload page and in the library, and chosen.</summary>
public sealed class FolderDropTests(BrowserSuite suite) : UploadPageTest(suite), IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-folder-").FullName;
    private SluiceServer _server = null!;

    private string Season => Path.Combine(_folder, "Season");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _server = await StartServerAsync();
        var tone = await Suite.Films.PathOfAsync(MediaFiles.Tone);
        Directory.CreateDirectory(Path.Combine(Season, "two"));
        foreach (var name in (string[])["b 10.m4a", "b 9.m4a", "two/c.m4a"])
        {
            File.Copy(tone, Path.Combine(Season, name));
        }

        await File.WriteAllTextAsync(Path.Combine(Season, "about.nfo"), "no film");
        await File.WriteAllTextAsync(Path.Combine(Season, ".hidden.mp4"), "no film");
        await OpenAsync("/upload", _server);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/upload", "dropzone")]
    [InlineData("/upload", "body")]
    [InlineData("/", "body")]
    public async Task A_dropped_folder_gives_its_videos_and_those_of_its_folders(string page, string where)
    {
        await OpenAsync(page, _server);
        await Assertions.Expect(At("dropzone")).ToBeVisibleAsync();
        var (x, y) = (640f, 780f); // Where nothing is.
        if (where == "dropzone")
        {
            var box = (await At(where).BoundingBoxAsync())!;
            (x, y) = (box.X + 20, box.Y + 20);
        }

        var session = await Context.NewCDPSessionAsync(Page);
        foreach (var type in (string[])["dragEnter", "dragOver", "drop"])
        {
            await session.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
            {
                ["type"] = type,
                ["x"] = x,
                ["y"] = y,
                ["data"] = new { items = Array.Empty<object>(), files = new[] { Season }, dragOperationsMask = 1 },
            });
        }

        await ShouldHaveAllAsync();
    }

    [Fact]
    public async Task A_chosen_folder_does_the_same()
    {
        await At("folder-input").SetInputFilesAsync(Season);
        await ShouldHaveAllAsync();
    }

    private async Task ShouldHaveAllAsync()
    {
        await Assertions.Expect(At("upload-summary")).ToHaveTextAsync("3 of 3 done");
        await Assertions.Expect(At("upload-item").Locator(".name")).ToHaveTextAsync(["b 9", "b 10", "c"]);
        await Assertions.Expect(At("drop-note")).ToHaveTextAsync("2 files that are no video or sound were left out.");
    }
}
