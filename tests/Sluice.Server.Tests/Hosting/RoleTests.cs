using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Live.Channels;
using Sluice.Server.Manage;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>Which routes and which work in the background a node has. No broker answers here: nodes start all the same.</summary>
public sealed class RoleTests
{
    [Theory]
    [InlineData("api", true, false, false)]
    [InlineData("live", false, false, true)]
    [InlineData("worker", false, true, false)]
    [InlineData("api,worker,live", true, true, true)]
    public async Task A_node_has_the_routes_and_the_work_of_its_roles(string roles, bool api, bool worker, bool live)
    {
        await using var server = await StartAsync(roles);

        var routes = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => route.RoutePattern.RawText!.TrimEnd('/')).ToHashSet(StringComparer.Ordinal);
        var works = server.App.Services.GetServices<IHostedService>().Select(service => service.GetType()).ToHashSet();

        routes.Contains("/api/v1/media").ShouldBe(api);
        routes.Contains("/api/v1/uploads").ShouldBe(api);
        routes.Contains("/api/v1/channels").ShouldBe(live);
        routes.Contains("/api/v1/sessions").ShouldBe(live);
        routes.Contains("/api/v1/queue").ShouldBe(api || live);
        routes.Contains("/health").ShouldBeTrue();
        routes.Contains("/metrics").ShouldBeTrue();
        works.Contains(typeof(RetentionSweeper)).ShouldBe(api);
        works.Contains(typeof(JobRunner)).ShouldBe(worker);
        works.Contains(typeof(ChannelShutdown)).ShouldBe(live);
    }

    [Fact]
    public async Task A_worker_opens_no_port()
    {
        await using var server = await StartAsync("worker", monitor: null);
        server.App.Urls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_worker_answers_monitors_where_it_is_told_to_and_says_that_the_broker_is_away()
    {
        await using var server = await StartAsync("worker");
        using var ready = await server.Http.GetAsync("/ready");
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.Http.GetStringAsync("/health")).ShouldContain("\"queue\":\"unreachable\"");
        (await server.Http.GetStringAsync("/metrics")).ShouldContain("\nsluice_queue_connected 0\n");
        using var media = await server.Http.GetAsync("/api/v1/media");
        media.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Without_a_broker_nothing_is_said_of_it_but_where_it_is_asked_for()
    {
        await using var server = await SluiceServer.StartAsync();
        (await server.Http.GetStringAsync("/health")).ShouldNotContain("queue");
        (await server.Http.GetStringAsync("/metrics")).ShouldNotContain("sluice_queue");
        (await server.Http.GetStringAsync("/api/v1/queue")).ShouldContain("\"kind\":\"in-process\"");
    }

    [Fact]
    public async Task The_operator_is_told_why_the_broker_is_away_and_no_password()
    {
        await using var server = await StartAsync("api,worker,live");
        var told = "";
        (await Eventually.Holds(async () => (told = await server.Http.GetStringAsync("/api/v1/queue")).Contains("cannot be reached", StringComparison.Ordinal))).ShouldBeTrue(told);
        told.ShouldContain("\"state\":\"unreachable\"");
        told.ShouldNotContain("sesame");
        server.Logs.Lines.ShouldNotContain(line => line.Contains("sesame", StringComparison.Ordinal));
        using var removal = await server.Http.DeleteAsync("/api/v1/queue/dead");
        ((int)removal.StatusCode, await removal.Content.ReadAsStringAsync()).Item2.ShouldContain("queue-unreachable");
    }

    [Fact]
    public async Task A_node_without_a_role_does_not_start() =>
        (await Should.ThrowAsync<SetupException>(() => StartAsync(","))).Message.ShouldContain("roles is empty");

    [Fact]
    public async Task Part_of_the_roles_needs_a_broker() =>
        (await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(options => options.Roles = ["api"]))).Message.ShouldContain("queue.url");

    [Fact]
    public async Task A_user_without_a_password_is_told_of() =>
        (await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(options => options.Queue.Url = "amqp://somebody@127.0.0.1:1")))
            .Message.ShouldContain("SLUICE__QUEUE__PASSWORD");

    private static Task<SluiceServer> StartAsync(string roles, string? monitor = "127.0.0.1:0") => SluiceServer.StartAsync(options =>
    {
        options.Roles = roles.Split(',');
        options.Queue.Url = "amqp://somebody@127.0.0.1:1/there";
        options.Queue.Password = "sesame-open";
        options.Server.Monitor = monitor;
    });
}
