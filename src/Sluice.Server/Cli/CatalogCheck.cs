using System.Data.Common;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Hosting;

namespace Sluice.Server.Cli;

/// <summary>Tries the database that the catalog is in, where one is given.</summary>
internal static class CatalogCheck
{
    private const string Subject = "catalog";

    /// <summary>What was found; nothing where the data folder keeps the catalog.</summary>
    public static async Task<IReadOnlyList<Finding>> OfAsync(StorageOptions storage, CancellationToken ct) =>
        storage.Catalog is null ? [] : [await TryAsync(storage, ct)];

    private static async Task<Finding> TryAsync(StorageOptions storage, CancellationToken ct)
    {
        try
        {
            var address = CatalogSetup.AddressOf(storage);
            await using var catalog = new PostgresCatalog(address, TimeProvider.System, TimeSpan.Zero);
            var (version, schema) = await catalog.DescribeAsync(ct);
            return new Finding(Severity.Ok, Subject, $"{address.Shown} answers: PostgreSQL {version}, {schema}");
        }
        catch (Exception e) when (e is CatalogUnreachableException or NewerSchemaException or SetupException or DbException)
        {
            return new Finding(Severity.Fail, Subject, e.Message.TrimEnd('.'));
        }
    }
}
