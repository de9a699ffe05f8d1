using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Where the data of a test's catalog are.</summary>
public abstract class CatalogHome : IAsyncDisposable
{
    /// <summary>Makes it, empty.</summary>
    public abstract ValueTask PrepareAsync();

    /// <summary>A catalog over the data, each time.</summary>
    internal abstract SqlCatalog Open();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A file of SQLite.</summary>
public sealed class SqliteHome : CatalogHome
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public string File => Path.Combine(_folder, "catalog.db");

    public override ValueTask PrepareAsync() => ValueTask.CompletedTask;

    internal override SqlCatalog Open() => new SqliteCatalog(File);

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A database of a real PostgreSQL server.</summary>
public sealed class PostgresHome(PostgresServers servers) : CatalogHome
{
    private PostgresServer _server = null!;

    internal string Database { get; private set; } = "";

    public override async ValueTask PrepareAsync()
    {
        _server = await servers.SharedAsync();
        Database = await _server.NewDatabaseAsync();
    }

    internal override SqlCatalog Open() => new PostgresCatalog(Address, TimeProvider.System);

    /// <summary>Where it is, with the password.</summary>
    internal PostgresAddress Address => _server.AddressOf(Database);

    /// <summary>As an operator writes it.</summary>
    internal string Url => _server.UrlOf(Database);

    internal Task<object?> RunAsync(string sql) => _server.RunAsync(Database, sql);

    public override async ValueTask DisposeAsync() => await _server.DropAsync(Database);
}
