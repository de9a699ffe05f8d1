using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

public sealed class PagesTests
{
    [Fact]
    public async Task The_root_answers_programs_in_json()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.Http.GetAsync("/");
        (await response.Content.ReadAsStringAsync()).ShouldBe("""{"status":"ok","streams":0,"docs":"/docs"}""");
        response.Headers.Vary.ShouldContain("Accept");
    }

    [Theory]
    [InlineData("/health", """{"status":"ok","streams":0}""")]
    [InlineData("/ready", """{"status":"ok"}""")]
    public async Task Monitors_get_ok_by_get_and_head(string path, string body)
    {
        await using var server = await SluiceServer.StartAsync();
        (await server.Http.GetStringAsync(path)).ShouldBe(body);
        using var head = await server.SendAsync(HttpMethod.Head, path);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldBe(body.Length);
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        await using var server = await SluiceServer.StartAsync();
        var api = await (await server.Http.GetAsync("/openapi/v1.json")).JsonAsync();
        var paths = api.GetProperty("paths");
        paths.GetProperty("/api/v1/media").TryGetProperty("post", out _).ShouldBeTrue();
        paths.GetProperty("/refresh-token/{id}").GetProperty("post").GetProperty("parameters").EnumerateArray()
            .Select(parameter => parameter.Text("name")).ShouldBe(["id", "admin_key", "expiry_minutes"], ignoreOrder: true);
        using var docs = await server.Http.GetAsync("/docs/index.html");
        (await docs.Content.ReadAsStringAsync()).ShouldContain("swagger-ui");
        (await server.Http.GetAsync("/docs/swagger-ui-bundle.js")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
