using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>The server on a PostgreSQL database, over HTTP and as a process.</summary>
public sealed class PostgresServingTests(PostgresServers servers) : IDisposable
{
    private const string PasswordVariable = "SLUICE__STORAGE__CATALOGPASSWORD";

    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_database_that_goes_and_comes_back_is_told_to_clients_and_monitors()
    {
        PostgresServer.Require();
        await using var database = await PostgresServer.StartAsync();
        var name = await database.NewDatabaseAsync();
        await using var server = await SluiceServer.StartAsync(
            o => (o.Storage.Catalog, o.Storage.CatalogPassword) = (database.UrlOf(name), PostgresServer.Password),
            b => b.Services.AddSingleton(TimeProvider.System)
                .AddSingleton(new PostgresCatalog(database.AddressOf(name), TimeProvider.System, TimeSpan.FromMilliseconds(300))));
        var media = await server.PublishAsync();
        var id = media.Text("id");
        (await server.Http.GetStringAsync("/health")).ShouldStartWith("""{"status":"ok""");
        var catalog = server.App.Services.GetRequiredService<ICatalog>();
        (await Eventually.Holds(async () => (await catalog.ListJobsAsync(AssetId.Parse(id, null), null, 10, default)).All(job => job.FinishedAt is not null)))
            .ShouldBeTrue("whatever changes the title has ended");
        (await server.Http.GetStringAsync($"/api/v1/media/{id}")).ShouldContain(id);

        await database.CrashAsync();
        using (var answer = await server.Http.GetAsync("/api/v1/media"))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
            (await answer.JsonAsync()).Text("code").ShouldBe("catalog-unreachable");
        }

        (await server.Http.GetStringAsync("/health")).ShouldContain("""{"status":"degraded","streams":0,"catalog":"unreachable"}""");
        (await server.Http.GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        server.Assets.TryGet(AssetId.Parse(id, null), out _).ShouldBeTrue("what is remembered serves on");

        (await database.StartAgainAsync()).ShouldBeTrue();
        (await Eventually.Holds(async () => (await server.Http.GetStringAsync("/health")).Contains("\"ok\"", StringComparison.Ordinal))).ShouldBeTrue("without anybody asking for more");
        (await server.Http.GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.Http.GetStringAsync("/api/v1/media")).ShouldContain(id);
        string.Join('\n', server.Logs.Lines).ShouldNotContain(PostgresServer.Password);
    }

    [Fact]
    public async Task A_server_without_its_database_does_not_start_and_says_why()
    {
        var shared = await servers.SharedAsync();
        var (code, output, errors) = await SluiceProcess.RunAsync(
            ["serve", "--port", "0", "--data", _data], new() { ["SLUICE__STORAGE__CATALOG"] = shared.UrlOf("t_none"), [PasswordVariable] = PostgresServer.Password });

        code.ShouldBe(1);
        errors.ShouldContain("no such database");
        errors.ShouldContain(shared.UrlOf("t_none"));
        (output + errors).ShouldNotContain(PostgresServer.Password);
        errors.Trim().Split('\n').Length.ShouldBe(1, "no trace");

        (_, output, errors) = await SluiceProcess.RunAsync(
            ["doctor", "--data", _data], new() { ["SLUICE__STORAGE__CATALOG"] = shared.UrlOf("t_none"), [PasswordVariable] = PostgresServer.Password });
        output.ShouldContain("FAIL  catalog");
        (output + errors).ShouldNotContain(PostgresServer.Password);
    }

    [Fact]
    public async Task A_password_in_the_address_is_refused_and_not_repeated()
    {
        var (code, _, errors) = await SluiceProcess.RunAsync(
            ["serve", "--port", "0", "--data", _data], new() { ["SLUICE__STORAGE__CATALOG"] = "postgres://me:hush@127.0.0.1/x" });

        code.ShouldBe(1);
        errors.ShouldContain("without a password");
        errors.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_driver_is_loaded_where_it_is_wanted_alone(bool isWanted)
    {
        Processes.Shell.RequireLinux();
        var environment = new Dictionary<string, string>();
        if (isWanted)
        {
            var shared = await servers.SharedAsync();
            var name = await shared.NewDatabaseAsync();
            environment = new() { ["SLUICE__STORAGE__CATALOG"] = shared.UrlOf(name), [PasswordVariable] = PostgresServer.Password };
        }

        await using var server = SluiceProcess.Start(["serve", "--port", "0", "--data", _data], environment);
        var url = await server.UrlAsync(_data);
        using (var http = new HttpClient())
        {
            (await http.GetAsync(new Uri(url + "/ready"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        File.ReadAllText($"/proc/{server.Id}/maps").Contains("Npgsql.dll", StringComparison.Ordinal).ShouldBe(isWanted);
        await server.SignalAsync("TERM");
        (await server.ExitAsync()).ShouldBe(0);
    }
}
