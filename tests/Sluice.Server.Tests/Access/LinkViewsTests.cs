using System.Net;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>When the catalog is asked for the view of a request; what views are is told by <see cref="LinkTests"/>.</summary>
public sealed class LinkViewsTests : IAsyncLifetime
{
    /// <summary>More than are remembered.</summary>
    private const int Many = 17_000;

    private readonly FakeClock _clock = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-test-");
    private readonly AssetId _link = AssetId.New();
    private Counting _catalog = null!;
    private LinkViews _views = null!;

    public async ValueTask InitializeAsync()
    {
        var catalog = new SqliteCatalog(Path.Combine(_folder.FullName, "catalog.db"));
        await catalog.MigrateAsync(default);
        _catalog = new Counting(catalog);
        var options = new SluiceOptions();
        options.Storage.Data = _folder.FullName;
        _views = new LinkViews(_catalog, SigningSecret.Load(options, _ => null), _clock);
    }

    public ValueTask DisposeAsync()
    {
        _catalog.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Who_says_another_view_each_time_goes_on_with_his_own_and_takes_no_room_of_others()
    {
        var anna = await AdmitAsync("anna");
        (await AdmitAsync("anna", anna)).ShouldBe(anna);
        var bert = await AdmitAsync("bert");
        for (var n = 0; n < Many; n++)
        {
            (await AdmitAsync("bert", AssetId.New())).ShouldBe(bert);
        }

        var before = _catalog.Asked;
        (await AdmitAsync("anna")).ShouldBe(anna);
        (await AdmitAsync("anna", anna)).ShouldBe(anna);
        (await AdmitAsync("bert")).ShouldBe(bert);
        _catalog.Asked.ShouldBe(before, "they are known still");
    }

    [Fact]
    public async Task A_view_that_is_in_use_is_never_taken_for_one_that_has_ended()
    {
        // Remembered for as long as may be, and then found in the catalog just before it would be written again.
        var anna = await AdmitAsync("anna");
        _clock.Advance((LinkViews.Told / 2) - TimeSpan.FromSeconds(1));
        (await AdmitAsync("anna", anna)).ShouldBe(anna);
        _clock.Advance((LinkViews.Told / 2) - TimeSpan.FromSeconds(1));
        (await AdmitAsync("anna", anna)).ShouldBe(anna);
        _clock.Advance(LinkViews.Window);
        (await AdmitAsync("anna", anna)).ShouldBe(anna);
    }

    private async Task<AssetId> AdmitAsync(string program, AssetId? said = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.5");
        context.Request.Headers.UserAgent = program;
        context.Request.QueryString = new($"?token=x{(said is { } view ? $"&view={view.Value}" : "")}");
        var playable = new PlayableFeature(CatalogContract.Sample(_clock.GetUtcNow()), "x", _clock.GetUtcNow().AddDays(1));
        return (await _views.AdmitAsync(context, playable, new(_link, 2))).ShouldNotBeNull();
    }

    /// <summary>The catalog, and how often it was asked.</summary>
    private sealed class Counting(SqliteCatalog catalog) : IViewCatalog, IDisposable
    {
        public int Asked { get; private set; }

        public Task<AssetId?> ClaimViewAsync(ViewClaim claim, CancellationToken ct)
        {
            Asked++;
            return catalog.ClaimViewAsync(claim, ct);
        }

        public Task<int> RemoveViewsAsync(DateTimeOffset instant, CancellationToken ct) => catalog.RemoveViewsAsync(instant, ct);

        public void Dispose() => catalog.Dispose();
    }
}
