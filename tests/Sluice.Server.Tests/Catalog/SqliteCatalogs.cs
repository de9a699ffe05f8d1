namespace Sluice.Server.Tests.Catalog;

/// <summary>The contract of titles that are published, over SQLite.</summary>
public sealed class SqlitePublishTests() : PublishCatalogContract(new SqliteHome());

/// <summary>The contract of uploads, over SQLite.</summary>
public sealed class SqliteUploadTests() : UploadCatalogContract(new SqliteHome());

/// <summary>The contract of views, over SQLite.</summary>
public sealed class SqliteViewTests() : ViewCatalogContract(new SqliteHome());

/// <summary>The contract of channels, over SQLite.</summary>
public sealed class SqliteChannelTests() : ChannelCatalogContract(new SqliteHome());

/// <summary>The contract of imports, over SQLite.</summary>
public sealed class SqliteImportTests() : ImportCatalogContract(new SqliteHome());

/// <summary>The contract of publications, over SQLite.</summary>
public sealed class SqlitePublicationTests() : PublicationCatalogContract(new SqliteHome());
