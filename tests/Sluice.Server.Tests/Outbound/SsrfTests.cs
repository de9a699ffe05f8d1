using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Imports;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Outbound;

/// <summary>
/// The list of <c>ssrf-urls.txt</c> against imports: each is refused in the same words, whether it is asked for or redirected to, and nobody
/// connects to what it names.
/// </summary>
public sealed class SsrfTests
{
    [Fact]
    public async Task Nothing_inside_is_asked_and_all_refusals_are_alike()
    {
        await using var canary = new Canary();
        await using var server = await StartAsync();

        var refusals = new List<string>();
        foreach (var url in Urls(canary.Port))
        {
            refusals.Add(await RefusalAsync(server, url));
        }

        refusals.Count.ShouldBeGreaterThan(100);
        refusals.Distinct().ShouldBe([OutboundException.Refusal]);
        canary.Visits.ShouldBe(0);
        server.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task Nor_when_somebody_redirects_there()
    {
        await using var canary = new Canary();
        await using var origin = await ApiStub.StartAsync(context =>
        {
            context.Response.StatusCode = 302;

            // As the bytes of UTF-8, which is how names in other letters come.
            var target = Uri.UnescapeDataString(context.Request.QueryString.Value![1..]);
            context.Response.Headers.Location = target.Any(c => c > 127) ? Uri.EscapeDataString(target).Replace("%3A", ":").Replace("%2F", "/") : target;
            return Task.CompletedTask;
        });
        await using var server = await StartAsync($"127.0.0.1:{origin.Url.Port}");

        // What is no URL on its own would be a path of the redirecting server: no way out.
        var urls = Urls(canary.Port).Where(u => u.StartsWith("http://", StringComparison.Ordinal) && !u.Contains('\\', StringComparison.Ordinal)).ToArray();
        urls.Length.ShouldBeGreaterThan(80);
        foreach (var url in urls)
        {
            (await RefusalAsync(server, $"{origin.Url}?{Uri.EscapeDataString(url)}")).ShouldBe(OutboundException.Refusal, url);
        }

        canary.Visits.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_that_changes_its_answer_gains_nothing()
    {
        // The same port on two addresses: one is open, the other is not.
        await using var secret = new Canary("HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\nMEDIA stole");
        await using var open = new Canary("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nMEDIA fine", IPAddress.Parse("127.0.0.2"), secret.Port);
        var asked = 0;
        await using var server = await StartAsync(
            "127.0.0.2/32", (_, _) => Task.FromResult<IPAddress[]>([Interlocked.Increment(ref asked) == 1 ? IPAddress.Parse("127.0.0.2") : IPAddress.Loopback]));

        var first = await ImportServer.EndAsync(server, $"http://rebinding.example:{secret.Port}/one.mp4");
        (first.Text("state"), first.GetProperty("bytes").GetInt64()).ShouldBe(("done", 10));
        asked.ShouldBe(1, "it was looked up once: what was checked is what was connected to");

        (await RefusalAsync(server, $"http://rebinding.example:{secret.Port}/two.mp4")).ShouldBe(OutboundException.Refusal);
        (asked, secret.Visits, open.Visits).ShouldBe((2, 0, 1));
    }

    [Fact]
    public async Task An_entry_of_the_list_lets_one_in_and_not_its_neighbour()
    {
        await using var canary = new Canary();
        await using var neighbour = new Canary();
        await using var server = await StartAsync($"127.0.0.1:{canary.Port}");

        (await ImportServer.EndAsync(server, $"http://127.0.0.1:{canary.Port}/clip.mp4")).Text("state").ShouldBe("done");
        (await RefusalAsync(server, $"http://127.0.0.1:{neighbour.Port}/clip.mp4")).ShouldBe(OutboundException.Refusal);
        (canary.Visits, neighbour.Visits).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Refusals_take_as_long_as_nothing_and_say_nothing_of_ports()
    {
        await using var canary = new Canary();
        int closed;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            closed = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        await using var server = await StartAsync();
        var open = await ImportServer.EndAsync(server, $"http://127.0.0.1:{canary.Port}/");
        var shut = await ImportServer.EndAsync(server, $"http://127.0.0.1:{closed}/");

        (open.Text("state"), open.Text("reason")).ShouldBe((shut.Text("state"), shut.Text("reason")));
    }

    private static string[] Urls(int port) =>
    [
        .. File.ReadAllLines(RepositoryRoot.File("tests/Sluice.Server.Tests/Outbound/ssrf-urls.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Replace("{port}", $"{port}", StringComparison.Ordinal)),
    ];

    private static Task<SluiceServer> StartAsync(string? allow = null, ResolveNames? resolve = null) => SluiceServer.StartAsync(
        options => options.Outbound.Allow = allow is null ? [] : [allow],
        builder => builder.Services.AddSingleton(resolve ?? Resolve));

    private static Task<IPAddress[]> Resolve(string host, CancellationToken ct) => host switch
    {
        "both.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("1.1.1.1"), IPAddress.Loopback]),
        "none.example" => Task.FromResult<IPAddress[]>([]),
        "unknown.invalid" => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)),
        _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
    };

    /// <summary>What is said of a URL, at once or by the import that comes of it.</summary>
    private static async Task<string> RefusalAsync(SluiceServer server, string url)
    {
        using var response = await ImportServer.PostAsync(server, url);
        if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            return (await response.ShouldBeProblemAsync(422, "address-refused")).Text("detail");
        }

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, url);
        var end = await ImportServer.EndOfAsync(server, await response.JsonAsync());
        end.Text("state").ShouldBe("failed", url);
        return end.Text("reason");
    }
}
