using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Outbound;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Cli;

public sealed class ServeCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-serve").FullName;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Serves_until_it_is_told_to_stop(string signal)
    {
        await using var server = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]);
        var url = await server.UrlAsync(_data);
        using (var http = new HttpClient())
        {
            (await http.GetAsync(new Uri(url + "/health"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using (var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_data, "server.json"))))
        {
            json.RootElement.GetProperty("pid").GetInt32().ShouldBe(server.Id);
        }

        await server.SignalAsync(signal);

        (await server.ExitAsync()).ShouldBe(0);
        server.Output.ShouldContain($"Sluice is at {url}");
        server.Errors.ShouldBeEmpty();
        File.Exists(Path.Combine(_data, "server.json")).ShouldBeFalse();
    }

    [Fact]
    public async Task Asks_what_is_not_public_where_an_option_allows_it_and_nowhere_else()
    {
        await using var allowed = new Canary();
        await using var also = new Canary();
        await using var other = new Canary();
        await using var server = SluiceProcess.Start(
            ["serve", "--port", "0", "--data", _data, "--allow-outbound", $"127.0.0.1:{allowed.Port}", "--allow-outbound", $"localhost:{also.Port}"]);
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(_data)) };

        foreach (var url in (string[])[$"http://127.0.0.1:{allowed.Port}/", $"http://localhost:{also.Port}/", $"http://127.0.0.1:{other.Port}/"])
        {
            (await http.PostAsJsonAsync("/api/v1/imports", new { url })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        (await Eventually.Holds(async () => !(await http.GetStringAsync("/api/v1/imports")).Contains("\"finishedAt\":null", StringComparison.Ordinal))).ShouldBeTrue();
        (allowed.Visits, also.Visits, other.Visits).ShouldBe((1, 1, 0));
    }

    [Fact]
    public async Task Takes_the_next_port_and_says_so_when_the_configured_one_is_taken()
    {
        using var taken = Listen();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var server = SluiceProcess.Start(
            ["serve", "--data", _data], new() { ["SLUICE__SERVER__PORT"] = $"{port}" });

        var url = await server.UrlAsync(_data);
        await server.SignalAsync("TERM");
        await server.ExitAsync();

        new Uri(url).Port.ShouldBeGreaterThan(port);
        server.Output.ShouldContain($"Port {port} is taken; using {new Uri(url).Port}.");
    }

    [Fact]
    public async Task Insists_on_a_port_that_was_given_as_an_option()
    {
        using var taken = Listen();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, _, errors) = await SluiceProcess.RunAsync(["serve", "--data", _data, "--port", $"{port}"]);

        code.ShouldBe(1);
        errors.ShouldStartWith($"sluice: Port {port} on 127.0.0.1 is taken by another program.");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task The_operator_key_is_shown_at_the_first_start_only()
    {
        var said = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            await using var server = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]);
            await server.UrlAsync(_data);
            await server.SignalAsync("TERM");
            await server.ExitAsync();
            said.Add(server.Output);
        }

        said[0].ShouldContain("The operator key, shown only now, is operator_");
        said[1].ShouldNotContain("operator key");
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_data_folder()
    {
        await using var first = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]);
        var url = await first.UrlAsync(_data);

        var (code, _, errors) = await SluiceProcess.RunAsync(["serve", "--port", "0", "--data", _data]);

        code.ShouldBe(1);
        errors.ShouldContain($"already at {url}");
    }

    [Fact]
    public async Task A_server_that_was_killed_is_no_obstacle()
    {
        await using (var first = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]))
        {
            await first.UrlAsync(_data);
            await first.SignalAsync("KILL");
            await first.ExitAsync();
        }

        File.Delete(Path.Combine(_data, "server.json"));
        await using var second = SluiceProcess.Start(["serve", "--port", "0", "--data", _data]);

        (await second.UrlAsync(_data)).ShouldStartWith("http://127.0.0.1:");
    }

    [Fact]
    public async Task A_fault_in_the_configuration_is_one_line()
    {
        var file = Path.Combine(_data, "mine.yml");
        await File.WriteAllTextAsync(file, "server:\n  prot: 1\n");

        var (code, output, errors) = await SluiceProcess.RunAsync(["serve", "-c", file, "--data", _data]);

        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.TrimEnd().ShouldBe("sluice: mine.yml line 2: there is no key 'server.prot'. Did you mean 'server.port'?");
    }

    [Fact]
    public async Task A_catalog_that_is_none_is_one_line()
    {
        var file = Path.Combine(_data, "catalog.db");
        var garbage = new byte[8192];
        new Random(7).NextBytes(garbage);
        await File.WriteAllBytesAsync(file, garbage);

        var (code, output, errors) = await SluiceProcess.RunAsync(["serve", "--port", "0", "--data", _data]);

        code.ShouldBe(1);
        errors.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith($"sluice: The catalog '{file}' cannot be used: ");
        output.ShouldNotContain("   at ");
        (await File.ReadAllBytesAsync(file)).ShouldBe(garbage);
    }

    [Fact]
    public async Task The_trace_is_there_for_who_asks_for_it()
    {
        var (_, _, errors) = await SluiceProcess.RunAsync(
            ["serve", "-c", Path.Combine(_data, "none.yml")], new() { ["SLUICE_DEBUG"] = "1" });

        errors.ShouldContain("   at ");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }
}
