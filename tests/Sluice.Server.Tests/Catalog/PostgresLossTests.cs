using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>Lines that are cut, and a database that dies.</summary>
public sealed class PostgresLossTests(PostgresServers servers) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly NewJob Work = new(JobKind.Encode, [new NewTask(Urgency.Background)]);

    private PostgresServer _server = null!;
    private string _database = "";
    private PostgresProxy _proxy = null!;
    private PostgresCatalog _catalog = null!;
    private Asset _asset = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.SharedAsync();
        _database = await _server.NewDatabaseAsync();
        _proxy = new PostgresProxy(_server.Port);
        _catalog = new PostgresCatalog(_server.AddressOf(_database, _proxy.Port), TimeProvider.System, Eventually.Patience);
        await _catalog.MigrateAsync(default);
        _asset = CatalogContract.Sample(Noon);
        await _catalog.AddAsync(_asset, [], default);
    }

    public async ValueTask DisposeAsync()
    {
        await _catalog.DisposeAsync();
        await _proxy.DisposeAsync();
        await _server.DropAsync(_database);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_whose_answer_is_lost_is_done_once_and_known(bool passes)
    {
        _proxy.Swallow("COMMIT", passes);
        (await _catalog.AddJobsAsync(_asset.Id, [Work], Noon, default)).Count.ShouldBe(1);

        _proxy.Swallowed.ShouldBe(1);
        (await _catalog.ListJobsAsync(_asset.Id, null, 10, default)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_chunk_is_known_to_be_published_although_the_answer_was_lost(bool passes)
    {
        await _catalog.AddJobsAsync(_asset.Id, [Work], Noon, default);
        var task = (await _catalog.ClaimAsync("w", Urgency.Background, Noon, TimeSpan.FromSeconds(20), default)).ShouldNotBeNull();

        _proxy.Swallow("COMMIT", passes);
        (await _catalog.PublishChunkAsync(task, new ChunkRow("v1", 1, task.Fence, 10, 5, [1], false), default)).ShouldBeTrue("or its object would be removed");

        _proxy.Swallowed.ShouldBe(1);
        (await _catalog.ListChunksAsync(_asset.Id, default)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("UPDATE assets")]
    [InlineData("INSERT INTO commits")]
    public async Task What_was_cut_before_its_commit_is_done_again_from_the_start(string statement)
    {
        _proxy.Swallow(statement, passes: true);
        var changes = 0;

        await _catalog.UpdateAsync(_asset.Id, old => old with { Epoch = old.Epoch + 1, Title = $"{++changes}" }, default);

        _proxy.Swallowed.ShouldBe(1);
        var found = (await _catalog.FindAsync(_asset.Id, default))!;
        (found.Epoch, found.Title, changes).ShouldBe((_asset.Epoch + 1, "2", 2));
    }

    [Fact]
    public async Task A_look_that_is_cut_is_made_again()
    {
        _proxy.Swallow("FROM assets", passes: false);
        (await _catalog.FindAsync(_asset.Id, default)).ShouldNotBeNull();
        _proxy.Swallowed.ShouldBe(1);
    }

    [Fact]
    public async Task A_database_that_dies_and_comes_back_is_waited_for()
    {
        await using var mortal = await PostgresServer.StartAsync();
        var database = await mortal.NewDatabaseAsync();
        await using var catalog = new PostgresCatalog(mortal.AddressOf(database), TimeProvider.System, Eventually.Patience);
        await catalog.MigrateAsync(default);
        await catalog.AddAsync(_asset, [], default);
        await mortal.CrashAsync();

        using var end = new CancellationTokenSource();
        var looks = catalog.FindAsync(_asset.Id, default).AsTask();
        var writes = Task.Run(async () =>
        {
            var written = 0;
            do
            {
                await catalog.UpdateAsync(_asset.Id, old => old with { Epoch = old.Epoch + 1 }, default);
                written++;
            }
            while (!end.IsCancellationRequested);
            return written;
        });
        (await mortal.StartAgainAsync()).ShouldBeTrue();
        (await looks).ShouldNotBeNull();
        await mortal.CrashAsync(); // In the middle of what is written.
        (await mortal.StartAgainAsync()).ShouldBeTrue();
        await end.CancelAsync();

        var sum = await writes;
        (await catalog.FindAsync(_asset.Id, default))!.Epoch.ShouldBe(_asset.Epoch + sum, "each change once");
    }

    [Fact]
    public async Task One_that_does_not_come_back_is_said_without_the_password()
    {
        var nobody = _server.AddressOf(_database, Torrents.Swarm.FreePort());
        await using var catalog = new PostgresCatalog(nobody, TimeProvider.System, TimeSpan.FromMilliseconds(200));
        var refusal = await Should.ThrowAsync<CatalogUnreachableException>(() => catalog.ListAsync(LibraryQuery.All, null, 1, default));

        refusal.Message.ShouldBe("The catalog cannot be reached: nobody answers at the address of storage.catalog.");
        refusal.ToString().ShouldNotContain(PostgresServer.Password);
        nobody.ToString().ShouldNotContain(PostgresServer.Password);
        catalog.Trouble.ShouldNotBeNull();
        _catalog.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task A_wrong_password_and_a_missing_database_are_told_at_once()
    {
        PostgresAddress.TryParse(_server.UrlOf(_database), "wrong", out var wrong).ShouldBeTrue();
        await using var stranger = new PostgresCatalog(wrong!, TimeProvider.System, Eventually.Patience);
        (await Should.ThrowAsync<CatalogUnreachableException>(() => stranger.MigrateAsync(default))).Message.ShouldContain("SLUICE__STORAGE__CATALOGPASSWORD");

        await using var lost = new PostgresCatalog(_server.AddressOf("t_none"), TimeProvider.System, Eventually.Patience);
        (await Should.ThrowAsync<CatalogUnreachableException>(() => lost.MigrateAsync(default))).Message.ShouldContain("no such database");
    }

    [Theory]
    [InlineData("postgres://u:secret@h/d")]
    [InlineData("postgres://u@h")]
    [InlineData("mysql://u@h/d")]
    [InlineData("postgres://u@h/d?sslmode=maybe")]
    [InlineData("postgres://u@h/d?password=x")]
    [InlineData("h/d")]
    public void What_is_no_address_is_refused(string text) => PostgresAddress.TryParse(text, null, out _).ShouldBeFalse();

    [Fact]
    public void An_address_asks_for_tls_and_names_sockets()
    {
        PostgresAddress.TryParse("postgresql://u%40x@h:99/d?sslmode=verify-full&sslrootcert=/ca.pem", "p w;'", out var tls).ShouldBeTrue();
        var driver = new Npgsql.NpgsqlConnectionStringBuilder(tls!.ConnectionString);
        (driver.Host, driver.Port, driver.Username, driver.Password, driver.Database, driver.SslMode, driver.RootCertificate)
            .ShouldBe(("h", 99, "u@x", "p w;'", "d", Npgsql.SslMode.VerifyFull, "/ca.pem"));
        PostgresAddress.TryParse("postgres:///d?host=/run/postgresql", null, out var socket).ShouldBeTrue();
        new Npgsql.NpgsqlConnectionStringBuilder(socket!.ConnectionString).Host.ShouldBe("/run/postgresql");
    }
}
