using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Sluice.Server.Tests.Support;

namespace Sluice.Browser.Tests.Support;

/// <summary>A test on the upload page, with a slow line when it wants to see something on its way.</summary>
public abstract class UploadPageTest(BrowserSuite suite) : BrowserTest(suite)
{
    /// <summary>Takes some seconds for <see cref="MediaFiles.Noise"/>.</summary>
    protected const int SlowBytesPerSecond = 1_200_000;

    private ICDPSession? _network;

    private protected TusTraffic Traffic { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Traffic = new TusTraffic(Context);
    }

    /// <summary>How fast the page can send; 0 for as fast as it goes.</summary>
    protected Task ThrottleAsync(int bytesPerSecond) => EmulateAsync(false, bytesPerSecond);

    /// <summary>Takes the network away.</summary>
    protected Task UnplugAsync() => EmulateAsync(true, 0);

    private async Task EmulateAsync(bool offline, int bytesPerSecond)
    {
        if (_network is null)
        {
            _network = await Context.NewCDPSessionAsync(Page);
            await _network.SendAsync("Network.enable");
        }

        await _network.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = offline,
            ["latency"] = 0,
            ["downloadThroughput"] = -1,
            ["uploadThroughput"] = bytesPerSecond == 0 ? -1 : bytesPerSecond,
        });
    }

    /// <summary>Chooses files in the way of a person, and waits for the first rows.</summary>
    protected async Task ChooseAsync(params string[] films)
    {
        var paths = new List<string>();
        foreach (var film in films)
        {
            paths.Add(await Suite.Films.PathOfAsync(film));
        }

        await At("file-input").SetInputFilesAsync(paths);
    }

    /// <summary>Waits until the first row's bar shows more than this.</summary>
    protected Task UntilPercentAsync(int percent) => Page.WaitForFunctionAsync(
        "percent => document.querySelector('[data-testid=upload-progress]')?.value > percent", percent);

    /// <summary>Waits until the first row is in a state.</summary>
    protected Task ShouldBeAsync(string state) => Assertions.Expect(At("upload-item").First).ToHaveAttributeAsync("data-state", state);

    /// <summary>The percentage in the line of the first row.</summary>
    protected async Task<int> PercentAsync() => int.Parse(
        Regex.Match(await At("upload-status").First.InnerTextAsync(), @"\d+(?= %)", RegexOptions.None, TimeSpan.FromSeconds(1)).Value,
        CultureInfo.InvariantCulture);

    /// <summary>After the first <paramref name="before"/> requests, the page asked where the server is and appended exactly there, not at the beginning.</summary>
    private protected void ShouldGoOnAfter(int before)
    {
        var since = Traffic.After(before);
        var asked = since.First(e => e is { Method: "HEAD", Status: 200 });
        var first = since.First(e => e.Method == "PATCH");
        first.From.ShouldBe(asked.At);
        first.From!.Value.ShouldBeGreaterThan(0);
        since.ShouldNotContain(e => e.Method == "POST");
        since.Where(e => e.Method == "PATCH").ShouldAllBe(e => e.Status == 204);
    }

    /// <summary>Uploads that the server keeps and that are no titles yet.</summary>
    internal static int Unfinished(SluiceServer server) => Directory.GetFileSystemEntries(Path.Combine(server.Data, "uploads")).Length;
}
