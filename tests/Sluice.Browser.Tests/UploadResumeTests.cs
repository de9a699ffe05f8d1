using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>Uploads outlive what happens to page, line and server.</summary>
public sealed class UploadResumeTests(BrowserSuite suite) : UploadPageTest(suite)
{
    [Fact]
    public async Task After_a_reload_the_same_file_goes_on_and_no_other()
    {
        var server = await StartServerAsync();
        await OpenAsync("/upload", server);
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(25);
        await ReloadAsync();
        await ShouldBeAsync("unfinished");
        await Assertions.Expect(At("upload-status")).ToContainTextAsync("Choose the file again to go on at");
        (await PercentAsync()).ShouldBeInRange(25, 95);

        await At("upload-file").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Film));
        await Assertions.Expect(At("upload-other")).ToContainTextAsync("That is another file");
        await ShouldBeAsync("unfinished");

        await ThrottleAsync(0);
        var before = Traffic.Asked;
        await At("upload-file").SetInputFilesAsync(await Suite.Films.PathOfAsync(MediaFiles.Noise));
        await ShouldBeAsync("done");
        ShouldGoOnAfter(before);
        await Page.ReloadAsync();
        await Assertions.Expect(At("dropzone")).ToBeVisibleAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task After_a_reload_the_library_takes_the_same_file_up_when_it_is_dropped_again()
    {
        var server = await StartServerAsync();
        await OpenAsync("/upload", server);
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(25);
        await ReloadAsync("/", server);
        await ShouldBeAsync("unfinished");

        await ThrottleAsync(0);
        var before = Traffic.Asked;
        await ChooseAsync(MediaFiles.Noise);
        await ShouldBeAsync("done");
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(1);
        await Assertions.Expect(At("library-item")).ToHaveCountAsync(1);
        ShouldGoOnAfter(before);
    }

    [Fact]
    public async Task What_was_left_can_be_removed_without_its_file()
    {
        var server = await StartServerAsync();
        await OpenAsync("/upload", server);
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(10);
        await ReloadAsync();
        await ShouldBeAsync("unfinished");
        await At("upload-remove").ClickAsync();
        await At("confirm-yes").ClickAsync();
        await Assertions.Expect(At("upload-item")).ToHaveCountAsync(0);
        (await Eventually.Holds(() => Unfinished(server) == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_network_it_waits_and_says_so()
    {
        Guard.Expect("net::ERR_INTERNET_DISCONNECTED");
        var server = await StartServerAsync();
        await OpenAsync("/upload", server);
        await ThrottleAsync(SlowBytesPerSecond);
        await ChooseAsync(MediaFiles.Noise);
        await UntilPercentAsync(15);
        await UnplugAsync();
        await ShouldBeAsync("retrying");
        var before = Traffic.Asked;
        await Assertions.Expect(At("upload-status")).ToContainTextAsync("This device is offline. It goes on by itself at");

        await ThrottleAsync(0);
        await ShouldBeAsync("done");
        ShouldGoOnAfter(before);
    }

    [Fact]
    public async Task A_server_that_is_killed_over_a_line_that_breaks_loses_nothing()
    {
        Guard.Expect("net::ERR_");
        Guard.Expect("status of 409"); // A browser repeats a request whose connection was reset: what came the first time is not taken twice.
        Guard.Expect("status of 423");
        var data = Directory.CreateTempSubdirectory("sluice-page-").FullName;
        await using var line = new CuttingProxy(1_000_000, 3_000_000);
        var server = await StartAsync();
        try
        {
            var page = new Uri($"http://127.0.0.1:{line.Port}/upload");
            Guard.Trust(page);
            await Page.GotoAsync(page.AbsoluteUri);
            await ThrottleAsync(SlowBytesPerSecond);
            await ChooseAsync(MediaFiles.Noise);
            foreach (var percent in (int[])[15, 40, 60])
            {
                await UntilPercentAsync(percent);
                server.Kill();
                server.Dispose();
                await ShouldBeAsync("retrying");
                await Assertions.Expect(At("upload-status")).ToContainTextAsync("The server cannot be reached. It goes on by itself at");
                server = await StartAsync();
            }

            await ShouldBeAsync("done");
            using var library = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/media"));
            var title = library.RootElement.GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
            await using var source = File.OpenRead(await Suite.Films.PathOfAsync(MediaFiles.Noise));
            title.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(await SHA256.HashDataAsync(source)));
            line.Cuts.ShouldBeGreaterThan(0);
        }
        finally
        {
            server.Dispose();
            Directory.Delete(data, recursive: true);
        }

        async Task<ServerProcess> StartAsync()
        {
            line.Target = 0;
            var started = await ServerProcess.StartAsync(data);
            line.Target = started.Http.BaseAddress!.Port;
            return started;
        }
    }

    /// <summary>A reload, or a way to another page, in the middle of an upload: the page asks, and is told to go.</summary>
    private async Task ReloadAsync(string? path = null, SluiceServer? server = null)
    {
        Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        await (path is null ? Page.ReloadAsync() : OpenAsync(path, server));
    }
}
