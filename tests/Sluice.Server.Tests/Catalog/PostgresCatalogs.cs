namespace Sluice.Server.Tests.Catalog;

/// <summary>The contract of titles, over PostgreSQL.</summary>
public sealed class PostgresCatalogTests(PostgresServers servers) : CatalogContract(new PostgresHome(servers));

/// <summary>The contract of work, over PostgreSQL.</summary>
public sealed class PostgresWorkTests(PostgresServers servers) : JobCatalogContract(new PostgresHome(servers));

/// <summary>The contract of titles that are published, over PostgreSQL.</summary>
public sealed class PostgresPublishTests(PostgresServers servers) : PublishCatalogContract(new PostgresHome(servers));

/// <summary>The contract of uploads, over PostgreSQL.</summary>
public sealed class PostgresUploadTests(PostgresServers servers) : UploadCatalogContract(new PostgresHome(servers));

/// <summary>The contract of views, over PostgreSQL.</summary>
public sealed class PostgresViewTests(PostgresServers servers) : ViewCatalogContract(new PostgresHome(servers))
{
    /// <remarks>The number of the transaction that wrote a row, and where the row lies (PostgreSQL's manual, section 5.5).</remarks>
    private protected override Task<object?> StateAsync() =>
        ((PostgresHome)Home).RunAsync("SELECT string_agg(xmin::text || ctid::text, ' ' ORDER BY link, id) FROM views");
}

/// <summary>The contract of the library, over PostgreSQL.</summary>
public sealed class PostgresLibraryTests(PostgresServers servers) : LibraryCatalogContract(new PostgresHome(servers));

/// <summary>The contract of what is told, over PostgreSQL.</summary>
public sealed class PostgresReportTests(PostgresServers servers) : ReportCatalogContract(new PostgresHome(servers));

/// <summary>The contract of channels, over PostgreSQL.</summary>
public sealed class PostgresChannelTests(PostgresServers servers) : ChannelCatalogContract(new PostgresHome(servers));

/// <summary>The contract of imports, over PostgreSQL.</summary>
public sealed class PostgresImportTests(PostgresServers servers) : ImportCatalogContract(new PostgresHome(servers));

/// <summary>The contract of holds, over PostgreSQL.</summary>
public sealed class PostgresHoldTests(PostgresServers servers) : HoldCatalogContract(new PostgresHome(servers));

/// <summary>The contract of publications, over PostgreSQL.</summary>
public sealed class PostgresPublicationTests(PostgresServers servers) : PublicationCatalogContract(new PostgresHome(servers));

/// <summary>The contract of sessions, over PostgreSQL.</summary>
public sealed class PostgresSessionTests(PostgresServers servers) : SessionCatalogContract(new PostgresHome(servers));
