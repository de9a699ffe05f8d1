using Microsoft.Data.Sqlite;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Move;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary><c>sluice migrate</c>: the catalog of a data folder, moved to a database.</summary>
public sealed class MigrateTests(PostgresServers servers) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
    private PostgresServer _server = null!;
    private string _database = "";
    private Asset _asset = null!;
    private WorkTask _task = null!;

    private string CatalogFile => Path.Combine(_data, "catalog.db");

    public async ValueTask InitializeAsync()
    {
        _server = await servers.SharedAsync();
        _database = await _server.NewDatabaseAsync();
        await FillAsync(CatalogFile);
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        await _server.DropAsync(_database);
    }

    [Fact]
    public async Task Everything_arrives_and_goes_on_and_a_second_try_does_nothing()
    {
        var (code, output, errors) = await RunAsync(_data);
        errors.ShouldBeEmpty();
        code.ShouldBe(0);
        output.ShouldContain("assets: 2 rows, the same on both sides");
        output.ShouldContain($"catalog: {_server.UrlOf(_database)}");

        await using var there = Open();
        await there.MigrateAsync(default);
        using var here = new SqliteCatalog(CatalogFile);
        var (found, was) = ((await there.FindAsync(_asset.Id, default))!, (await here.FindAsync(_asset.Id, default))!);
        (found.Title, found.Secret, found.Sha256, found.DurationSeconds, found.CreatedAt, found.ExpiresAt)
            .ShouldBe((was.Title, was.Secret, was.Sha256, was.DurationSeconds, was.CreatedAt, was.ExpiresAt));
        found.AdminKeyHash.ShouldBe(was.AdminKeyHash);
        (await there.ListChunksAsync(_asset.Id, default)).ShouldHaveSingleItem().Sha256.ShouldBe([0, 255, 3]);
        (await there.ListChannelsAsync(default)).ShouldBe(await here.ListChannelsAsync(default));
        (await there.ListPublicationsAsync(_asset.Id, default)).ShouldBe(await here.ListPublicationsAsync(_asset.Id, default));
        (await there.ListImportsAsync(null, 10, default)).ShouldBe(await here.ListImportsAsync(null, 10, default));
        (await there.OpenUploadsAsync(default)).Select(upload => (upload.Number, upload.Id, upload.IsPartial))
            .ShouldBe((await here.OpenUploadsAsync(default)).Select(upload => (upload.Number, upload.Id, upload.IsPartial)));

        (await there.ListAuditAsync(null, 10, default)).ShouldBe(await here.ListAuditAsync(null, 10, default));
        (await there.ListPlaybacksAsync(_asset.Id, 10, default)).ShouldHaveSingleItem().Error.ShouldBe("network");
        (await there.CountAsync(LibraryQuery.All with { Words = ["quoted"] }, default)).ShouldBe(1);

        (await there.RenewAsync(_task, Noon.AddHours(1), default)).ShouldBeTrue("whoever held a task holds it");
        var added = (await there.AddJobsAsync(_asset.Id, [new NewJob(JobKind.Encode, [new NewTask(Urgency.Viewer)])], Noon, default))[0];
        var next = (await there.ClaimAsync("w", Urgency.Viewer, TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(20), default)).ShouldNotBeNull();
        (next.JobId, next.Fence > _task.Fence, next.Id > _task.Id).ShouldBe((added.Id, true, true));

        (code, output, _) = await RunAsync(_data);
        (code, output).ShouldBe((0, "This data folder was moved there before; nothing is left to do.\n"));
    }

    [Fact]
    public async Task Another_installation_is_refused_and_changes_nothing()
    {
        (await RunAsync(_data)).Code.ShouldBe(0);
        var other = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        await FillAsync(Path.Combine(other, "catalog.db"));
        var rows = await _server.RunAsync(_database, "SELECT COUNT(*) FROM assets");

        var (code, _, errors) = await RunAsync(other);

        code.ShouldBe(1);
        errors.ShouldContain("is not empty");
        (await _server.RunAsync(_database, "SELECT COUNT(*) FROM assets")).ShouldBe(rows);
        Directory.Delete(other, recursive: true);
    }

    [Fact]
    public async Task Cut_short_it_is_no_catalog_and_goes_on_with_what_changed_since()
    {
        await using (var half = Open())
        {
            await Should.ThrowAsync<OperationCanceledException>(() => new CatalogMove(CatalogFile, half).CopyAsync(
                (table, _) => { if (table == "imports") { throw new OperationCanceledException(); } }, default));
        }

        await using var target = Open();
        (await Should.ThrowAsync<SetupException>(() => target.MigrateAsync(default))).Message.ShouldContain("Run `sluice migrate` again");
        using (var here = new SqliteCatalog(CatalogFile))
        {
            await here.UpdateAsync(_asset.Id, old => old with { Title = "Changed since" }, default);
        }

        (await RunAsync(_data)).Code.ShouldBe(0);
        await target.MigrateAsync(default);
        (await target.FindAsync(_asset.Id, default))!.Title.ShouldBe("Changed since");
        (await target.CountAsync(LibraryQuery.All, default)).ShouldBe(1, "although the table was copied twice");
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on()
    {
        const int Many = 40_000;
        Fill(CatalogFile, $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Many})
            INSERT INTO chunks SELECT '{_asset.Id}', 'v2', i, i, i, 1, x'0102', i % 2 FROM n
            """);
        await using (var process = Start(_data))
        {
            (await Eventually.Holds(async () => await CountAsync() > 0)).ShouldBeTrue();
        } // Disposing kills it.

        var kept = await CountAsync();
        var (code, output, errors) = await RunAsync(_data);

        errors.ShouldBeEmpty();
        code.ShouldBe(0);
        kept.ShouldBeGreaterThan(0);
        output.ShouldContain($"chunks: {Many + 1} rows, the same on both sides");
        (await CountAsync()).ShouldBe(Many + 1);
    }

    [Fact]
    public async Task A_folder_without_a_catalog_and_a_server_that_runs_are_told()
    {
        var empty = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        (await RunAsync(empty)).Errors.ShouldContain("There is no catalog in");
        Directory.Delete(empty, recursive: true);

        using var claim = Sluice.Server.Cli.DataFolderClaim.Take(_data);
        (await RunAsync(_data)).Errors.ShouldContain("Another sluice works in the data folder");
    }

    private Dictionary<string, string> Environment => new() { ["SLUICE__STORAGE__CATALOGPASSWORD"] = PostgresServer.Password };

    private Task<(int Code, string Output, string Errors)> RunAsync(string data) =>
        SluiceProcess.RunAsync(["migrate", "--data", data, "--to", _server.UrlOf(_database)], Environment);

    private SluiceProcess Start(string data) => SluiceProcess.Start(["migrate", "--data", data, "--to", _server.UrlOf(_database)], Environment);

    private PostgresCatalog Open() => new(_server.AddressOf(_database), TimeProvider.System);

    private async Task<long> CountAsync() =>
        await _server.RunAsync(_database, "SELECT to_regclass('chunks')::text") is string ? (long)(await _server.RunAsync(_database, "SELECT COUNT(*) FROM chunks"))! : 0;

    /// <summary>A row or more in every table.</summary>
    private async Task FillAsync(string file)
    {
        using var catalog = new SqliteCatalog(file);
        await catalog.MigrateAsync(default);
        await catalog.SetSettingAsync("operator-key-sha256", Guid.NewGuid().ToString("n"), default);
        _asset = CatalogContract.Sample(Noon) with { Title = "Ünï 'quoted' 🎬\ttab", DurationSeconds = 12, Secret = SegmentSecret.New(), Sha256 = new string('a', 64) };
        await catalog.AddAsync(_asset, [new NewJob(JobKind.Encode, [new NewTask(Urgency.Title, 1, 9, "v1"), new NewTask(Urgency.Background)])], default);
        await catalog.AddAsync(CatalogContract.Sample(Noon) with { Owner = "session" }, [], default);
        _task = (await catalog.ClaimAsync("w", Urgency.Title, Noon, TimeSpan.FromSeconds(20), default)).ShouldNotBeNull();
        (await catalog.PublishChunkAsync(_task, new ChunkRow("v1", 1, _task.Fence, 10, 5, [0, 255, 3], true), default)).ShouldBeTrue();
        var upload = new Upload { Id = AssetId.New(), LengthBytes = 5, CreatedAt = Noon, UpdatedAt = Noon, ExpiresAt = DateTimeOffset.MaxValue };
        await catalog.AddUploadAsync(upload, default);
        await catalog.AddUploadAsync(upload with { Id = AssetId.New(), IsPartial = true, OwnerHash = [1], OffsetBytes = 5, Pieces = [new UploadPiece(0, 5, "0a")] }, default);
        await catalog.RemoveUploadAsync(upload.Id, default);
        await catalog.AddImportAsync(
            new Import { Id = AssetId.New(), Kind = ImportKind.Url, Source = "https://a.example/" + new string('x', 6000), Shown = "a", CreatedAt = Noon, UpdatedAt = Noon }, default);
        await catalog.AddAuditAsync(new AuditRow(0, Noon, "link-made", _asset.Id.Value, "operator", null), default);
        await catalog.AddPlaybackAsync(new PlaybackRow(_asset.Id, Noon, "hls", null, 1, 2, 3, 4, 5, "network"), default);
        await catalog.ClaimViewAsync(new ViewClaim(AssetId.New(), _asset.Id, null, "p", "address0", 2, Noon, Noon, Noon, Noon.AddDays(1)), default);
        await catalog.PutChannelAsync("news", _ => new ChannelRow("news", "{}", 3, Noon, Noon), default);
        await catalog.BeginPublicationAsync(
            new Publication { Asset = _asset.Id, Target = "web", Form = PublicationForm.Cmaf, Name = "n", CreatedAt = Noon }, new NewJob(JobKind.Publish, [new NewTask(Urgency.Background)]), Noon, default);
    }

    private static void Fill(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A test's own statement.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
