using System.Net;
using Shouldly;
using Sluice.Server.Catalog.Postgres;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Catalog.Versions;

/// <summary>A node that was forgotten when a newer version changed the schema in a way that it cannot work with.</summary>
public sealed class LeftBehindTests(PostgresServers servers) : IAsyncLifetime
{
    /// <summary>As documented.</summary>
    private const int Outdated = 3;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly PostgresHome _home = new(servers);
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-versions-").FullName;

    public ValueTask InitializeAsync() => _home.PrepareAsync();

    public async ValueTask DisposeAsync()
    {
        await _home.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Ends_by_itself_says_why_and_does_not_start_again()
    {
        await using var node = await NodeProcess.StartAsync(_root, "older", _home.Url);
        await using var newer = new PostgresCatalog(_home.Address, TimeProvider.System, steps: NewerSchema.With(NewerSchema.Adds));
        await newer.MakeSchemaAsync(default);
        await Task.Delay(PostgresSchemaWatch.Interval * 1.5);
        (await node.Http.GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.OK, "what is only added is worked with");

        await using var newest = new PostgresCatalog(_home.Address, TimeProvider.System, steps: NewerSchema.With(NewerSchema.Adds, NewerSchema.Breaks));
        await newest.MakeSchemaAsync(default);
        var began = TimeProvider.System.GetTimestamp();
        (await node.Process.ExitAsync()).ShouldBe(Outdated);
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(Soon);

        var known = PostgresMigrations.Steps.Count;
        var reason = $"The catalog has schema {known + 2}, which this Sluice cannot work with: it knows up to {known}. A newer version changed it; start that version here";
        node.Process.Output.ShouldContain($"The server stops (exit code 3). {reason}");
        (node.Process.Output + node.Process.Errors).ShouldNotContain("   at ");

        await using var again = NodeProcess.Begin(_root, "again", _home.Url);
        (await again.Process.ExitAsync()).ShouldBe(Outdated);
        again.Process.Errors.ShouldContain(reason);
        again.Process.Errors.ShouldNotContain("fault of Sluice");

        var (code, output, _) = await SluiceProcess.RunAsync(
            ["doctor", "--data", _root],
            new() { ["SLUICE__STORAGE__CATALOG"] = _home.Url, ["SLUICE__STORAGE__CATALOGPASSWORD"] = PostgresServer.Password });
        code.ShouldBe(1);
        output.ShouldContain("FAIL  catalog");
        output.ShouldContain(reason);
    }
}
