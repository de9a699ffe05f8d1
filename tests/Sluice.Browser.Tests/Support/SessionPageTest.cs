using Microsoft.Playwright;
using Sluice.Media.Binary;
using Sluice.Server.Tests.Outbound.Remote;
using Sluice.Server.Tests.Support;

namespace Sluice.Browser.Tests.Support;

/// <summary>A test of what is watched together from where it lies: a film of four minutes on somebody else's server, and a server of our own.</summary>
public abstract class SessionPageTest(BrowserSuite suite) : BrowserTest(suite)
{
    private protected RangeOrigin Origin { get; private set; } = null!;

    private protected SluiceServer Server { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Origin = await RangeOrigin.StartAsync();
        Origin.Content = new MemoryByteSource(await File.ReadAllBytesAsync(await Suite.Films.PathOfAsync(MediaFiles.Coming)));
        Server = await StartServerForSessionsAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Origin is not null)
        {
            await Origin.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected virtual Task<SluiceServer> StartServerForSessionsAsync() => StartImportingServerAsync();

    /// <summary>Pastes an address into the page of the sessions and sends it off.</summary>
    protected async Task BeginAsync(string url)
    {
        await OpenAsync("/sessions", Server);
        await At("session-url").FillAsync(url);
        await Page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Begins a session and waits for its page.</summary>
    /// <returns>The address of the page, which is the invitation.</returns>
    protected async Task<string> OpenSessionAsync(string url)
    {
        await BeginAsync(url);
        await Page.WaitForURLAsync("**/sessions/*");
        await Assertions.Expect(At("session-page")).ToHaveAttributeAsync("data-state", "ready");
        return Page.Url;
    }

    /// <summary>The API's path of the session that a page shows.</summary>
    private protected static string PathOf(string page) => "/api/v1" + new Uri(page).AbsolutePath;
}
