using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Requests that one server passes on to another, which has what they are about.</summary>
public sealed class PassedOnTests(PostgresServers servers) : IAsyncLifetime
{
    private const string Thing = "thing of a test";

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly ConcurrentQueue<string> _asked = [];
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    private NodePass Pass => _two.Of<NodePass>();

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        _one = await ClusterNode.StartAsync(database, map: app => Map(app, "one"));
        _two = await ClusterNode.StartAsync(database, configure: options => options.Server.TrustedProxies = ["127.0.0.1"], map: app => Map(app, "two"));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task The_other_node_sees_the_client_and_whom_it_asked()
    {
        await using var hold = await HoldAsync(_one);
        using var answer = await _two.SendAsync(
            HttpMethod.Get, "/probe/who?token=secret", headers: [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("Cookie", "a=b")]);

        (await answer.Content.ReadAsStringAsync(_ct)).ShouldBe($"one 203.0.113.9 https {_two.Http.BaseAddress!.Authority} ?token=secret a=b");
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], "said once");
        foreach (var server in (SluiceServer[])[_one, _two])
        {
            server.Logs.Lines.ShouldNotContain(line => line.Contains("secret", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Whoever_only_says_that_it_is_passed_on_is_refused()
    {
        await using var hold = await HoldAsync(_one);
        var right = PassFor("GET", "/probe/who");
        (await StatusAsync(_one, "/probe/who", right)).ShouldBe(200);

        (await StatusAsync(_one, "/probe/who", "nonsense")).ShouldBe(401);
        (await StatusAsync(_one, "/probe/who", "MTI3LjAuMC4x~1790000000.AAAA")).ShouldBe(401, "long ago");
        (await StatusAsync(_one, "/probe/body", right)).ShouldBe(403, "it was for another path");
        (await StatusAsync(_one, "/probe/who", PassFor("POST", "/probe/who"))).ShouldBe(403, "and another method");
        (await StatusAsync(_one, "/probe/who", "x" + right)).ShouldBe(403, "and from another client");
        (await StatusAsync(_two, "/probe/who", "nonsense")).ShouldBe(401);
    }

    [Fact]
    public async Task It_goes_over_one_hop()
    {
        await using var hold = await HoldAsync(_two);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/probe/who");
        request.Headers.TryAddWithoutValidation(NodePass.PassedHeader, PassFor("GET", "/probe/who"));

        using var answer = await _one.Http.SendAsync(request, _ct);

        (answer.StatusCode, (await answer.JsonAsync()).Text("code")).ShouldBe((HttpStatusCode.ServiceUnavailable, "node-unreachable"));
        answer.Headers.RetryAfter.ShouldNotBeNull();
        _asked.ShouldBe(["one"]);
    }

    [Fact]
    public async Task Bodies_go_both_ways_as_they_come()
    {
        await using var hold = await HoldAsync(_one);
        var pipe = new Pipe();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/probe/body") { Content = new StreamContent(pipe.Reader.AsStream()) };
        await pipe.Writer.WriteAsync(new byte[10_000], _ct);
        var asking = _two.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _ct);

        await _waiting.Task.WaitAsync(TimeSpan.FromSeconds(20), _ct); // The beginning is there, and the rest is not sent yet.
        await pipe.Writer.WriteAsync(new byte[5_000], _ct);
        await pipe.Writer.CompleteAsync();

        using var answer = await asking;
        await using var body = await answer.Content.ReadAsStreamAsync(_ct);
        var start = new byte[10];
        await body.ReadExactlyAsync(start, _ct);
        _cut.SetResult(); // The rest is sent now.
        using var rest = new StreamReader(body);
        (await rest.ReadToEndAsync(_ct)).ShouldBe("15000 bytes");
        _asked.ShouldBe(["two", "one"]);
    }

    [Fact]
    public async Task Who_leaves_is_not_waited_for_by_either()
    {
        await using var hold = await HoldAsync(_one);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        var asking = _two.Http.GetAsync("/probe/wait", leave.Token);
        await _waiting.Task.WaitAsync(TimeSpan.FromSeconds(20), _ct);

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        await _cut.Task.WaitAsync(TimeSpan.FromSeconds(20), _ct);
    }

    [Fact]
    public async Task What_moves_while_it_is_asked_for_is_answered_by_who_has_it_then()
    {
        var hold = await HoldAsync(_one);
        var asking = _two.Http.GetAsync("/probe/wait", _ct);
        await _waiting.Task.WaitAsync(TimeSpan.FromSeconds(20), _ct);

        var since = Stopwatch.StartNew();
        await hold.DisposeAsync();
        using var answer = await asking;

        (await answer.Content.ReadAsStringAsync(_ct)).ShouldBe("two waits no more");
        since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        await _cut.Task.WaitAsync(TimeSpan.FromSeconds(20), _ct);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_waited_for_until_another_takes_its_place()
    {
        var gone = new Holder("gone", new Uri("http://127.0.0.1:9"));
        (await _one.Of<IHoldCatalog>().HoldAsync(Thing, gone, DateTimeOffset.UtcNow, Turns.Length, _ct)).ShouldBeTrue();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/probe/echo") { Content = new StringContent("once") };

        var since = Stopwatch.StartNew();
        using var answer = await _two.Http.SendAsync(request, _ct);

        (await answer.Content.ReadAsStringAsync(_ct)).ShouldBe("once", "nothing of it had been sent to nobody");
        since.Elapsed.ShouldBeInRange(Turns.Length / 2, TimeSpan.FromSeconds(10));
    }

    private static async Task<Hold> HoldAsync(SluiceServer server) => (await server.Of<Turns>().TryTakeAsync(Thing, default)).ShouldNotBeNull();

    private static Task<Taking> TakeAsync(CancellationToken ct) => Task.FromResult(Taking.Taken);

    private void Map(WebApplication app, string name) => app.Map("/probe/{what}", async context =>
    {
        _asked.Enqueue(name);
        if (await context.RequestServices.GetRequiredService<Turns>().PassAsync(context, Thing, TakeAsync))
        {
            return;
        }

        var request = context.Request;
        switch (request.RouteValues["what"])
        {
            case "body":
                var (buffer, length) = (new byte[4096], 0);
                while (await request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
                {
                    length += count;
                    _waiting.TrySetResult();
                }

                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
                await _cut.Task.WaitAsync(TimeSpan.FromSeconds(20));
                await context.Response.WriteAsync($"{length} bytes");
                break;
            case "echo":
                await request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
                break;
            case "wait" when name == "one":
                _waiting.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _cut.TrySetResult();
                break;
            case "wait":
                await context.Response.WriteAsync($"{name} waits no more");
                break;
            default:
                await context.Response.WriteAsync(
                    $"{name} {context.Connection.RemoteIpAddress} {request.Scheme} {request.Host} {request.QueryString} {request.Headers.Cookie}");
                break;
        }
    }).AllowAnyone("a test");

    private string PassFor(string method, string path)
    {
        var context = new DefaultHttpContext { Request = { Method = method, Path = path } };
        return Pass.ForPassing(context.Request, new PassedOn(IPAddress.Loopback, "http", "127.0.0.1"));
    }

    private async Task<int> StatusAsync(SluiceServer server, string path, string pass)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(NodePass.PassedHeader, pass);
        using var answer = await server.Http.SendAsync(request, _ct);
        return (int)answer.StatusCode;
    }
}
