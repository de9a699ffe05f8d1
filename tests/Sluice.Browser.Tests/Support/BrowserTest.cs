using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Browser.Tests.Support;

/// <summary>A test with a browser context of its own, which fails when its pages did anything that <see cref="PageGuard"/> forbids.</summary>
public abstract class BrowserTest(BrowserSuite suite) : IAsyncLifetime
{
    private readonly List<SluiceServer> _servers = [];

    protected BrowserSuite Suite { get; } = suite;

    protected IBrowserContext Context { get; private set; } = null!;

    protected IPage Page { get; private set; } = null!;

    protected PageGuard Guard { get; private set; } = null!;

    /// <summary>How the context is opened; English, so that the words are known.</summary>
    protected virtual BrowserNewContextOptions Options => new() { Locale = "en-GB", ViewportSize = new() { Width = 1280, Height = 800 } };

    public virtual async ValueTask InitializeAsync()
    {
        Requirements.Demand();
        Context = await Suite.Browser.NewContextAsync(Options);
        Context.SetDefaultTimeout(BrowserSuite.LongestWait);
        Guard = new PageGuard(Context);
        Guard.Trust(Suite.Server.Http.BaseAddress!);
        Page = await Context.NewPageAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Context is null)
        {
            return; // Skipped.
        }

        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            await KeepPictureAsync();
        }

        await Context.CloseAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        Guard.ShouldBeClean();
    }

    /// <summary>A server for this test alone.</summary>
    private protected async Task<SluiceServer> StartServerAsync(
        bool guarded = false, Action<WebApplicationBuilder>? configure = null, Action<SluiceOptions>? options = null) =>
        Own(await BrowserSuite.StartServerAsync(guarded, configure, options));

    /// <summary>A server for this test alone that may fetch from loopback, and whose clock goes on.</summary>
    protected async Task<SluiceServer> StartImportingServerAsync(bool guarded = false, bool isRepackaging = false) => Own(await BrowserSuite.StartServerAsync(
        guarded,
        builder => builder.Services.AddSingleton(TimeProvider.System),
        options =>
        {
            options.Outbound.Allow = ["127.0.0.1/32"];
            options.Transcode.Enabled = isRepackaging;
        }));

    /// <summary>A server for this test alone that encodes.</summary>
    protected async Task<SluiceServer> StartEncodingServerAsync() => Own(await BrowserSuite.StartEncodingServerAsync());

    /// <summary>A server that ends with this test, and that pages may ask.</summary>
    private protected SluiceServer Own(SluiceServer server)
    {
        _servers.Add(server);
        Guard.Trust(server.Http.BaseAddress!);
        return server;
    }

    /// <summary>Opens a page of the server.</summary>
    protected Task OpenAsync(string path, SluiceServer? server = null) =>
        Page.GotoAsync(new Uri((server ?? Suite.Server).Http.BaseAddress!, path).AbsoluteUri);

    /// <summary>The watch page of a film on the shared server, as somebody with the link sees it.</summary>
    protected async Task OpenFilmAsync(string film) =>
        await OpenAsync((await Suite.PublishedAsync(film)).GetProperty("playback").GetProperty("watch").GetString()!);

    /// <summary>An element by its test id.</summary>
    protected ILocator At(string testId) => Page.GetByTestId(testId);

    private Task KeepPictureAsync() => Page.ScreenshotAsync(new()
    {
        Path = RepositoryRoot.File($"artifacts/test/browser/{TestContext.Current.TestCase?.TestMethodName}.png"),
    });
}
