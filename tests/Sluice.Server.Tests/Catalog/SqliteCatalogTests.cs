using Microsoft.Data.Sqlite;
using Shouldly;
using Sluice.Server.Catalog;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The contract over SQLite, and what only a file has.</summary>
public sealed class SqliteCatalogTests() : CatalogContract(new SqliteHome())
{
    private string File => ((SqliteHome)Home).File;

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_with_its_number()
    {
        using (var connection = new SqliteConnection($"Data Source={File}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            command.ExecuteNonQuery();
        }

        using var later = new SqliteCatalog(File);
        var refusal = await Should.ThrowAsync<NewerSchemaException>(() => later.MigrateAsync(default));

        refusal.Message.ShouldContain("999");
        refusal.Message.ShouldContain("newer version");
    }

    [Fact]
    public async Task Another_process_sees_a_row_at_once()
    {
        var asset = Sample(DateTimeOffset.UnixEpoch);
        await Catalog.AddAsync(asset, default);

        using var other = new SqliteCatalog(File);

        (await other.FindAsync(asset.Id, default)).ShouldNotBeNull();
    }
}
