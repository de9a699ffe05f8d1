using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Tests over a catalog that has its schema and no rows. The same tests run over every kind of catalog.</summary>
public abstract class OverCatalog(CatalogHome home) : IAsyncLifetime
{
    internal ICatalog Catalog => Tables;

    /// <summary>The same, with the parts that have interfaces of their own.</summary>
    internal SqlCatalog Tables { get; private set; } = null!;

    private protected CatalogHome Home => home;

    public virtual async ValueTask InitializeAsync()
    {
        await home.PrepareAsync();
        Tables = home.Open();
        await Tables.MigrateAsync(default);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        (Tables as IDisposable)?.Dispose();
        await home.DisposeAsync();
    }

    /// <summary>Another catalog over the same data, as another process has one.</summary>
    private protected SqlCatalog Open() => home.Open();
}
