using System.CommandLine;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Server.Catalog.Move;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Outbound;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;

namespace Sluice.Server.Cli;

/// <summary><c>sluice migrate</c>: moves the catalog of a data folder to a database, and its media to a bucket.</summary>
internal static class MigrateCommand
{
    private const string BucketScheme = "s3://";

    /// <summary>Nobody waits for an answer here: a database that restarts may take its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The command and its options.</summary>
    public static Command Create()
    {
        var to = new Option<string>("--to") { Description = $"The database: {PostgresAddress.Rule}.", HelpName = "URL", Required = true };
        var store = new Option<string?>("--store")
        {
            Description = "Copy the media too, to this bucket of the server and with the keys of storage.s3.",
            HelpName = "s3://BUCKET/PREFIX",
        };
        var configuration = new ConfigurationOptions();
        var command = new Command("migrate", "Move a data folder's catalog to PostgreSQL. The server must not run; begun again, it goes on where it was.") { to, store };
        configuration.AddTo(command);
        command.SetAction((arguments, ct) =>
        {
            var bucket = arguments.GetValue(store);
            var given = BucketSettings(bucket).Prepend(new Setting("storage.catalog", [arguments.GetRequiredValue(to)], false, "--to"));
            return RunAsync(configuration.Load(arguments, given).Options, bucket, ct);
        });
        return command;
    }

    private static IEnumerable<Setting> BucketSettings(string? store)
    {
        if (store is null)
        {
            return [];
        }

        if (!store.StartsWith(BucketScheme, StringComparison.Ordinal))
        {
            throw new CommandException($"'{store}' is no bucket.", "Name one as s3://BUCKET/PREFIX.");
        }

        var parts = store[BucketScheme.Length..].Split('/', 2);
        var prefix = parts.Length > 1 ? parts[1].Trim('/') : "";
        return
        [
            new Setting("storage.s3.bucket", [parts[0]], false, "--store"),
            new Setting("storage.s3.prefix", [prefix.Length == 0 ? "" : prefix + "/"], false, "--store"),
        ];
    }

    private static async Task<int> RunAsync(SluiceOptions options, string? store, CancellationToken ct)
    {
        var storage = options.Storage;
        var file = Path.Combine(storage.Data, "catalog.db");
        if (!File.Exists(file))
        {
            throw new CommandException($"There is no catalog in {storage.Data}.", "Name the data folder of the server with --data.");
        }

        // :: Step 1  No server works here meanwhile
        using var claim = DataFolderClaim.Take(storage.Data);
        try
        {
            // :: Step 2  The catalog
            await using var target = new PostgresCatalog(CatalogSetup.AddressOf(storage), TimeProvider.System, Patience);
            var move = new CatalogMove(file, target);
            if (!await move.CopyAsync((table, rows) => Console.WriteLine($"{table}: {rows} rows, the same on both sides"), ct))
            {
                Console.WriteLine("This data folder was moved there before; nothing is left to do.");
                return 0;
            }

            // :: Step 3  The media
            if (store is not null)
            {
                await CopyMediaAsync(options, ct);
            }

            // :: Step 4  From here on it may be served from
            await move.EndAsync(ct);
        }
        catch (SqliteException e)
        {
            throw new CommandException($"{file} cannot be read: {e.Message.TrimEnd('.')}.", "When another program has it open, end that, and run the same command again.");
        }
        catch (DbException e)
        {
            throw new CommandException($"The database cannot be written: {PostgresTrouble.Sentence(e)}.", "Run the same command again: it goes on where it was.");
        }

        Console.WriteLine(
            $"""
            Moved. The server works with it when its configuration says
                storage:
                  catalog: {storage.Catalog}{(store is null ? "" : $"\n      s3: {{bucket: {storage.S3.Bucket}, prefix: \"{storage.S3.Prefix}\"}}")}
            {file}{(store is null ? "" : " and media/")} stayed as they were; the other files of {storage.Data} are still needed.
            """);
        return 0;
    }

    private static async Task CopyMediaAsync(SluiceOptions options, CancellationToken ct)
    {
        using var target = S3Setup.Open(
            options.Storage, new CheckedConnector(options, NameResolution.System, TimeProvider.System), TimeProvider.System, NullLogger<S3ObjectStore>.Instance);
        var move = new StoreMove(
            Path.Combine(options.Storage.Data, "media"), new LocalObjectStore(options.Storage.Data, options.Storage.ReserveBytes), target);
        try
        {
            if (await move.CountForeignAsync(ct) is > 0 and var foreign)
            {
                throw new CommandException(
                    $"In s3://{options.Storage.S3.Bucket}/{options.Storage.S3.Prefix} there are {foreign} titles of another installation.", "Name another prefix; nothing was changed there.");
            }

            var (titles, bytes) = await move.RunAsync((done, all) => Tell(done, all), ct);
            Console.WriteLine($"media: {titles} titles, {bytes} bytes");
        }
        catch (SourceUnavailableException e)
        {
            throw new CommandException(e.Message, "Run the same command again: it goes on where it was.");
        }
    }

    private static void Tell(int done, int all)
    {
        if (done % 10 == 0 || done == all)
        {
            Console.WriteLine($"media: {done} of {all} titles");
        }
    }
}
