using Sluice.Server.Hosting;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>What concerns the schema.</summary>
internal sealed partial class PostgresCatalog
{
    private readonly IReadOnlyList<PostgresStep> _steps;

    /// <inheritdoc />
    /// <exception cref="SetupException">Half of an installation was moved there.</exception>
    public override async Task MigrateAsync(CancellationToken ct)
    {
        await MakeSchemaAsync(ct);
        var isHalf = await ReadAsync(
            connection => ReadOneAsync(connection, null, "SELECT id FROM moves WHERE finished_at IS NULL", row => row.GetString(0), ct), ct);
        if (isHalf is not null)
        {
            throw new SetupException($"An installation is being moved to {Address.Shown}, and has not arrived. Run `sluice migrate` again: it goes on where it was.");
        }
    }

    /// <summary>Brings the schema up to date, whatever is there.</summary>
    public Task MakeSchemaAsync(CancellationToken ct) => PersistAsync(
        async () =>
        {
            await using var connection = await OpenAsync(ct);
            await PostgresMigrations.RunAsync(connection, _steps, _clock, ct);
            return true;
        },
        ct);

    /// <summary>For who looks whether all is well: the version of the server, and how far the schema is.</summary>
    public Task<(string Version, string Schema)> DescribeAsync(CancellationToken ct) => PersistAsync(
        async () =>
        {
            await using var connection = await OpenAsync(ct);
            return (connection.PostgreSqlVersion.ToString(), await PostgresMigrations.DescribeAsync(connection, _steps, ct));
        },
        ct);

    /// <summary>Looks whether a newer node has changed the schema meanwhile.</summary>
    /// <exception cref="NewerSchemaException">It has, in a way that this one cannot work with.</exception>
    public Task RequireSchemaAsync(CancellationToken ct) => PersistAsync(
        async () =>
        {
            await using var connection = await OpenAsync(ct);
            return await PostgresMigrations.RequireAsync(connection, _steps, ct);
        },
        ct);
}
