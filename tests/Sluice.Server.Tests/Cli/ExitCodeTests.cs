using Microsoft.Data.Sqlite;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary>What a server that ends by itself tells whoever supervises it.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-test-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_service_that_fails_in_the_background_ends_the_server_with_1_and_is_named()
    {
        await using var server = SluiceProcess.Start(
            ["serve", "--port", "0", "--data", _data], new() { ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location });

        (await server.ExitAsync()).ShouldBe(1);
        server.Output.ShouldContain("Sluice is at ");
        server.Output.ShouldContain($"BrokenService failed, so the server stops (exit code 1): {StartupHook.Reason}");
        server.Output.ShouldNotContain("BackgroundServiceExceptionBehavior");
        server.Errors.ShouldBeEmpty();
        File.Exists(Path.Combine(_data, "server.json")).ShouldBeFalse("it has ended in order");
    }

    [Fact]
    public async Task One_that_is_told_to_stop_ends_with_0()
    {
        await using var server = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]);
        await server.UrlAsync(_data);
        await server.SignalAsync("TERM");
        (await server.ExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_catalog_of_a_newer_version_is_refused_with_3()
    {
        SqliteNative.EnsureBound();
        using (var file = new SqliteConnection($"Data Source={Path.Combine(_data, "catalog.db")};Pooling=False"))
        {
            file.Open();
            using var command = file.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            command.ExecuteNonQuery();
        }

        var (code, _, errors) = await SluiceProcess.RunAsync(["serve", "--port", "0", "--data", _data]);
        code.ShouldBe(3);
        errors.ShouldContain("The catalog has schema 999, which this Sluice cannot work with");
        errors.ShouldContain("start that version here");
        errors.ShouldNotContain("fault of Sluice");
    }
}
