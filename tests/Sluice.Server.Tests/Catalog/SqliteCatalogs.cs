using Microsoft.Data.Sqlite;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The contract of titles that are published, over SQLite.</summary>
public sealed class SqlitePublishTests() : PublishCatalogContract(new SqliteHome());

/// <summary>The contract of uploads, over SQLite.</summary>
public sealed class SqliteUploadTests() : UploadCatalogContract(new SqliteHome());

/// <summary>The contract of views, over SQLite.</summary>
public sealed class SqliteViewTests() : ViewCatalogContract(new SqliteHome())
{
    private SqliteConnection _watcher = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _watcher = new SqliteConnection($"Data Source={((SqliteHome)Home).File};Pooling=False");
        await _watcher.OpenAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _watcher.DisposeAsync();
        await base.DisposeAsync();
    }

    private protected override async Task<object?> StateAsync()
    {
        await using var version = _watcher.CreateCommand();
        version.CommandText = "PRAGMA data_version"; // Another one whenever another connection has written (sqlite.org/pragma.html).
        return await version.ExecuteScalarAsync();
    }
}

/// <summary>The contract of the library, over SQLite.</summary>
public sealed class SqliteLibraryTests() : LibraryCatalogContract(new SqliteHome());

/// <summary>The contract of what is told, over SQLite.</summary>
public sealed class SqliteReportTests() : ReportCatalogContract(new SqliteHome());

/// <summary>The contract of channels, over SQLite.</summary>
public sealed class SqliteChannelTests() : ChannelCatalogContract(new SqliteHome());

/// <summary>The contract of imports, over SQLite.</summary>
public sealed class SqliteImportTests() : ImportCatalogContract(new SqliteHome());

/// <summary>The contract of holds, over SQLite.</summary>
public sealed class SqliteHoldTests() : HoldCatalogContract(new SqliteHome());

/// <summary>The contract of publications, over SQLite.</summary>
public sealed class SqlitePublicationTests() : PublicationCatalogContract(new SqliteHome());

/// <summary>The contract of sessions, over SQLite.</summary>
public sealed class SqliteSessionTests() : SessionCatalogContract(new SqliteHome());
