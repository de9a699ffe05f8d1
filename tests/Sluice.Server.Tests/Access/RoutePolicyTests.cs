using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>Deny by default: every route says who may use it, and says it once.</summary>
public sealed class RoutePolicyTests
{
    [Fact]
    public async Task Every_endpoint_has_exactly_one_policy()
    {
        await using var server = await SluiceServer.StartAsync();
        var endpoints = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();

        endpoints.Length.ShouldBeGreaterThan(10);
        foreach (var endpoint in endpoints)
        {
            var policies = endpoint.Metadata.OfType<AccessPolicy>().ToArray();
            policies.Length.ShouldBe(1, endpoint.DisplayName);
            (policies[0].Kind == AccessKind.Anyone).ShouldBe(policies[0].Reason is { Length: > 10 }, endpoint.DisplayName);
        }
    }

    [Fact]
    public async Task No_two_endpoints_want_the_same_request()
    {
        await using var server = await SluiceServer.StartAsync();
        var endpoints = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
        endpoints.SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} {endpoint.RoutePattern.RawText!.TrimEnd('/')}"))
            .ShouldBeUnique();
    }

    [Fact]
    public async Task Policies_that_speak_of_an_asset_or_a_channel_stand_on_routes_that_name_one()
    {
        await using var server = await SluiceServer.StartAsync();
        foreach (var endpoint in server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var policy = endpoint.Metadata.GetMetadata<AccessPolicy>()!;
            (policy.Kind == AccessKind.Channel).ShouldBe(policy.Unknown is not null, endpoint.DisplayName);
            if (policy.Kind is not (AccessKind.Anyone or AccessKind.Operator or AccessKind.Node))
            {
                endpoint.RoutePattern.GetParameter(policy.Kind == AccessKind.Channel ? "channel" : "id").ShouldNotBeNull(endpoint.DisplayName);
            }
        }
    }

    [Fact]
    public async Task What_plays_a_channel_asks_who_watches()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/live/", StringComparison.Ordinal) || endpoint.RoutePattern.RawText == "/{channel}").ToArray();

        media.Length.ShouldBeGreaterThan(0);
        media.ShouldAllBe(endpoint => endpoint.Metadata.GetMetadata<AccessPolicy>()!.Kind == AccessKind.Channel);
    }

    [Fact]
    public async Task An_endpoint_without_a_policy_is_refused_to_everyone()
    {
        await using var server = await SluiceServer.StartAsync(map: app => app.MapGet("/forgotten", () => "secret"));

        using var response = await server.Http.GetAsync("/forgotten");

        await response.ShouldBeProblemAsync(401, "key-missing");
        server.Logs.Lines.ShouldContain(line => line.Contains("no access policy", StringComparison.Ordinal));
    }
}
