using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Nodes;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>The operator in a browser whose requests go to either of two servers.</summary>
public sealed class SharedOperatorTests(PostgresServers servers) : IAsyncLifetime
{
    private const string Session = "/api/v1/operator/session";

    private SluiceServer _one = null!;
    private SluiceServer _two = null!;

    public async ValueTask InitializeAsync()
    {
        var shared = await servers.SharedAsync();
        var database = shared.UrlOf(await shared.NewDatabaseAsync());
        (_one, _two) = (await ClusterNode.StartAsync(database, guarded: true), await ClusterNode.StartAsync(database, guarded: true));
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task A_login_at_one_is_one_at_the_other_and_so_is_its_end()
    {
        var first = await LoginAsync(_one);
        var second = await LoginAsync(_two);
        foreach (var server in (SluiceServer[])[_one, _two])
        {
            (await LooksAsync(server, first)).ShouldBe(HttpStatusCode.OK);
            (await LooksAsync(server, second)).ShouldBe(HttpStatusCode.OK);
            (await LooksAsync(server, first + "0")).ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var ended = await SendAsync(_two, HttpMethod.Delete, Session, first);
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await LooksAsync(_two, first)).ShouldBe(HttpStatusCode.Unauthorized);
        var since = Stopwatch.StartNew();
        (await Eventually.Holds(async () => await LooksAsync(_one, first) == HttpStatusCode.Unauthorized)).ShouldBeTrue();
        since.Elapsed.ShouldBeLessThan(2 * OperatorSessions.Trust);
        (await LooksAsync(_one, second)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Those_of_before_are_still_logged_in()
    {
        var cookie = await LoginAsync(_one);
        var kept = (await _one.Of<ICatalog>().ListSettingsAsync("operator-session:", default)).ShouldHaveSingleItem();
        await _one.Of<ICatalog>().RemoveSettingAsync(kept.Key, default);
        await _one.Of<ICatalog>().SetSettingAsync("operator-sessions", $"{kept.Key.Split(':')[1]} {kept.Value}\nnonsense", default);

        await _two.Of<OperatorSessions>().LoadAsync(default);

        (await LooksAsync(_two, cookie)).ShouldBe(HttpStatusCode.OK);
        (await LooksAsync(_one, cookie)).ShouldBe(HttpStatusCode.OK);
        (await _one.Of<ICatalog>().GetSettingAsync("operator-sessions", default)).ShouldBeNull();
    }

    private static async Task<HttpStatusCode> LooksAsync(SluiceServer server, string cookie)
    {
        using var answer = await SendAsync(server, HttpMethod.Get, "/api/v1/media", cookie);
        return answer.StatusCode;
    }

    private async Task<string> LoginAsync(SluiceServer server)
    {
        var key = _one.NewOperatorKey ?? _two.NewOperatorKey!;
        using var answer = await server.SendAsync(HttpMethod.Post, Session, json: JsonSerializer.Serialize(new { key }));
        answer.EnsureSuccessStatusCode();
        return answer.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().Split(';')[0];
    }

    private static async Task<HttpResponseMessage> SendAsync(SluiceServer server, HttpMethod method, string path, string cookie)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Origin", server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        return await server.Http.SendAsync(request);
    }
}
