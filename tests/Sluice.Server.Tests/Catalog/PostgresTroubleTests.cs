using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Catalog.Postgres;
using Xunit;

namespace Sluice.Server.Tests.Catalog;

/// <summary>What is tried again, what is not, and what a person is told.</summary>
public sealed class PostgresTroubleTests(PostgresServers servers)
{
    [Theory]
    [InlineData("08000", true, false)] // connection_exception, and its class
    [InlineData("08003", true, false)]
    [InlineData("08006", true, false)]
    [InlineData("08P01", true, false)]
    [InlineData("57P01", true, false)] // admin_shutdown
    [InlineData("57P02", true, false)] // crash_shutdown
    [InlineData("57P03", true, false)] // cannot_connect_now
    [InlineData("53300", true, false)] // too_many_connections
    [InlineData("25006", true, false)] // read_only_sql_transaction: a standby, which may be promoted
    [InlineData("28P01", false, true)] // invalid_password
    [InlineData("28000", false, true)]
    [InlineData("3D000", false, true)] // invalid_catalog_name
    [InlineData("42501", false, true)] // insufficient_privilege
    [InlineData("42P01", false, false)] // undefined_table
    [InlineData("23505", false, false)] // unique_violation
    [InlineData("57014", false, false)] // query_canceled
    [InlineData("40001", false, false)] // serialization_failure
    [InlineData("53100", false, false)] // disk_full
    public void By_the_code_of_the_database(string code, bool isLoss, bool isRefusal)
    {
        var error = new PostgresException("text of the server", "ERROR", "ERROR", code);
        (PostgresTrouble.IsLoss(error), PostgresTrouble.IsRefusal(error)).ShouldBe((isLoss, isRefusal));
        PostgresTrouble.Sentence(error).ShouldNotContain("nobody answers");
    }

    [Fact]
    public void By_the_cause_where_the_driver_found_it()
    {
        Of(new SocketException((int)SocketError.ConnectionRefused)).ShouldBe((true, false, "nobody answers at the address of storage.catalog"));
        Of(new SocketException((int)SocketError.HostNotFound)).ShouldBe((true, false, "the name of the host in storage.catalog is not known"));
        Of(new SocketException((int)SocketError.ConnectionReset)).ShouldBe((true, false, "the connection broke"));
        Of(new EndOfStreamException()).ShouldBe((true, false, "the connection broke"));
        Of(new IOException()).ShouldBe((true, false, "the connection broke"));
        Of(new TimeoutException()).ShouldBe((true, false, "it does not answer in time"));
        Of(new AuthenticationException()).ShouldBe((false, true, "its certificate is not trusted; look at sslmode and sslrootcert in storage.catalog"));
        Of(new InvalidCastException()).ShouldBe((false, false, "said by the driver"));
        Of(null).ShouldBe((false, true, "said by the driver"));
        PostgresTrouble.IsLoss(new InvalidOperationException("a mistake of ours")).ShouldBeFalse();
        PostgresTrouble.IsLoss(new IOException("No space left on the device of the catalog's database.")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_missing_password_and_tls_that_the_server_has_not_are_told_at_once_and_as_they_are()
    {
        var server = await servers.SharedAsync();
        (await RefusalAsync(server.UrlOf("postgres"), null)).ShouldContain("No password has been provided");
        (await RefusalAsync(server.UrlOf("postgres") + "?sslmode=require", PostgresServer.Password)).ShouldContain("SSL");
    }

    private static async Task<string> RefusalAsync(string url, string? password)
    {
        PostgresAddress.TryParse(url, password, out var address).ShouldBeTrue();
        await using var catalog = new PostgresCatalog(address, TimeProvider.System, TimeSpan.FromHours(1));
        var refusal = await Should.ThrowAsync<CatalogUnreachableException>(() => catalog.DescribeAsync(default).WaitAsync(TimeSpan.FromSeconds(30)));
        refusal.Message.ShouldNotContain("nobody answers");
        return refusal.Message;
    }

    private static (bool IsLoss, bool IsRefusal, string Sentence) Of(Exception? cause)
    {
        var error = new NpgsqlException("said by the driver.", cause);
        return (PostgresTrouble.IsLoss(error), PostgresTrouble.IsRefusal(error), PostgresTrouble.Sentence(error));
    }
}
