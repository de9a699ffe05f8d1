using System.Text.Json;
using Microsoft.Extensions.Logging;
using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage.Channels;

/// <summary>Channels made, changed and removed by API.</summary>
public sealed class ChannelApiTests
{
    [Fact]
    public async Task One_is_made_shown_and_removed()
    {
        await using var server = await ChannelApi.StartAsync();

        using var made = await ChannelApi.PutAsync(server, "news", $$"""
            {"urls":["{{ChannelApi.SecretUrl}}","http://b.example/x.m3u8"],"title":"The news","public":true,"userAgent":"VLC/3","headers":{"Authorization":"Bearer t0ken"},
             "bufferBytes":4194304,"idleSeconds":7.5,"threads":2,"timeoutSeconds":9,"maxHeight":720,"maxBitrate":3000000,"resolver":null}
            """);

        ((int)made.StatusCode).ShouldBe(201);
        made.Headers.Location?.ToString().ShouldBe("/api/v1/channels/news");
        var channel = await ChannelApi.GetAsync(server, "/news");
        JsonElement.DeepEquals(channel, await made.JsonAsync()).ShouldBeTrue();
        channel.GetProperty("urls").EnumerateArray().Select(u => u.GetString()).ShouldBe([ChannelApi.ShownUrl, "http://b.example/x.m3u8"]);
        (channel.Text("name"), channel.Text("title"), channel.Text("origin"), channel.Text("state")).ShouldBe(("news", "The news", "api", "idle"));
        channel.GetProperty("headerNames").EnumerateArray().Select(h => h.GetString()).ShouldBe(["Authorization"]);
        channel.GetProperty("playback").GetProperty("token").ValueKind.ShouldBe(JsonValueKind.Null, "it is public");
        channel.GetRawText().ShouldNotContain("t0ken");
        ChannelApi.Definition(server, "news").ShouldBe(new ChannelDefinition
        {
            Name = "news",
            Title = "The news",
            Urls = [ChannelApi.SecretUrl, "http://b.example/x.m3u8"],
            IsPublic = true,
            UserAgent = "VLC/3",
            Headers = [KeyValuePair.Create("Authorization", "Bearer t0ken")],
            BufferBytes = 4 << 20,
            Idle = TimeSpan.FromSeconds(7.5),
            Threads = 2,
            Timeout = TimeSpan.FromSeconds(9),
            Policy = new() { MostLines = 720, MostBitsPerSecond = 3_000_000 },
            Origin = ChannelOrigin.Api,
        });

        using var gone = await server.Http.DeleteAsync("/api/v1/channels/news");
        ((int)gone.StatusCode).ShouldBe(204);
        using var unknown = await server.Http.GetAsync("/api/v1/channels/news");
        await unknown.ShouldBeProblemAsync(404, "channel-unknown");
        using var again = await server.Http.DeleteAsync("/api/v1/channels/news");
        await again.ShouldBeProblemAsync(404, "channel-unknown");
    }

    [Fact]
    public async Task They_outlive_the_server()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            ChannelDefinition made;
            await using (var first = await ChannelApi.StartAsync(data))
            {
                await ChannelApi.MakeAsync(first, "b", ChannelApi.SecretUrl, ""","headers":{"X-Key":"1"},"maxHeight":360,"idleSeconds":3""");
                await ChannelApi.MakeAsync(first, "a", "http://a.example/x.m3u8", ""","enabled":false""");
                made = ChannelApi.Definition(first, "b");
            }

            await using var second = await ChannelApi.StartAsync(data);
            ChannelApi.Definition(second, "b").ShouldBe(made);
            (await ChannelApi.GetAsync(second, "")).GetProperty("items").EnumerateArray().Select(c => (c.Text("name"), c.Text("state")))
                .ShouldBe([("a", "off"), ("b", "idle")]);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name()
    {
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", ChannelApi.SecretUrl, ""","headers":{"X-Key":"1"},"maxHeight":360,"title":"News" """);
        var before = ChannelApi.Definition(server, "news");

        using var changed = await server.SendAsync(HttpMethod.Patch, "/api/v1/channels/news", json: """{"title":null,"maxHeight":null,"enabled":false}""");

        (await changed.JsonAsync()).Text("state").ShouldBe("off");
        ChannelApi.Definition(server, "news").ShouldBe(before with { Title = null, Policy = new(), IsEnabled = false });
        using var unknown = await server.SendAsync(HttpMethod.Patch, "/api/v1/channels/other", json: """{"urls":"http://a.example/x"}""");
        await unknown.ShouldBeProblemAsync(404, "channel-unknown");
    }

    [Fact]
    public async Task An_address_that_is_sent_as_it_was_shown_keeps_its_secrets()
    {
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", ChannelApi.SecretUrl);

        using var put = await ChannelApi.PutAsync(server, "news", $$"""{"urls":["http://first.example/x.m3u8","{{ChannelApi.ShownUrl}}"]}""");

        ((int)put.StatusCode).ShouldBe(200);
        ChannelApi.Definition(server, "news").Urls.ShouldBe(["http://first.example/x.m3u8", ChannelApi.SecretUrl]);
        using var shortened = await ChannelApi.PutAsync(server, "news", """{"urls":["http://other.example/x.m3u8?…"]}""");
        (await shortened.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("send all of it");
    }

    [Fact]
    public async Task Addresses_that_are_shown_alike_keep_each_its_own_secrets_or_have_to_be_sent_whole()
    {
        string[] urls = ["http://a.example/x.m3u8?key=1", "http://a.example/x.m3u8?key=2", "http://b.example/y.m3u8"];
        const string shown = "http://a.example/x.m3u8?…";
        await using var server = await ChannelApi.StartAsync();
        using var made = await ChannelApi.PutAsync(server, "news", $$"""{"urls":["{{urls[0]}}","{{urls[1]}}","{{urls[2]}}"]}""");

        using var put = await ChannelApi.PutAsync(server, "news", $$"""{"urls":["{{urls[2]}}","{{shown}}","{{shown}}"]}""");
        ((int)put.StatusCode).ShouldBe(200);
        ChannelApi.Definition(server, "news").Urls.ShouldBe([urls[2], urls[0], urls[1]]);

        foreach (var unclear in new[] { $"\"{shown}\"", $"\"{urls[0]}\",\"{shown}\"", $"\"{shown}\",\"{shown}\",\"{shown}\"" })
        {
            using var refused = await ChannelApi.PutAsync(server, "news", $$"""{"urls":[{{unclear}}]}""");
            (await refused.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("cannot be told");
        }
    }

    [Theory]
    [InlineData("""{}""", "`urls`")]
    [InlineData("""{"urls":[]}""", "`urls`")]
    [InlineData("""{"urls":"file:///etc/passwd"}""", "`urls`")]
    [InlineData("""{"urls":["http://a.example/x",7]}""", "`urls`")]
    [InlineData("""{"urls":["http://a.example/x","rtmp://a.example/x"]}""", "`urls`")]
    [InlineData("""{"urls":["1","2","3","4","5","6","7","8","9","10","11"]}""", "`urls`")]
    [InlineData("""{"urls":"http://a.example/x","title":7}""", "`title`")]
    [InlineData("""{"urls":"http://a.example/x","enabled":"yes"}""", "`enabled`")]
    [InlineData("""{"urls":"http://a.example/x","public":1}""", "`public`")]
    [InlineData("""{"urls":"http://a.example/x","userAgent":"a\nb"}""", "`userAgent`")]
    [InlineData("""{"urls":"http://a.example/x","headers":{"Host":"b"}}""", "`headers`")]
    [InlineData("""{"urls":"http://a.example/x","headers":{"X":"a\r\nY: z"}}""", "`headers`")]
    [InlineData("""{"urls":"http://a.example/x","headers":{"a b":"c"}}""", "`headers`")]
    [InlineData("""{"urls":"http://a.example/x","headers":["X: y"]}""", "`headers`")]
    [InlineData("""{"urls":"http://a.example/x","bufferBytes":1000}""", "`bufferBytes`")]
    [InlineData("""{"urls":"http://a.example/x","bufferBytes":1048576.5}""", "`bufferBytes`")]
    [InlineData("""{"urls":"http://a.example/x","idleSeconds":-1}""", "`idleSeconds`")]
    [InlineData("""{"urls":"http://a.example/x","threads":33}""", "`threads`")]
    [InlineData("""{"urls":"http://a.example/x","timeoutSeconds":1e300}""", "`timeoutSeconds`")]
    [InlineData("""{"urls":"http://a.example/x","maxHeight":-1}""", "`maxHeight`")]
    [InlineData("""{"urls":"http://a.example/x","maxBitrate":"3M"}""", "`maxBitrate`")]
    [InlineData("""{"urls":"http://a.example/x","resolver":"/bin/sh"}""", "`resolver`")]
    [InlineData("""{"urls":"http://a.example/x","maxheight":1}""", "There is no field `maxheight`")]
    [InlineData("""["http://a.example/x"]""", "JSON object")]
    public async Task What_is_wrong_is_named(string json, string named)
    {
        await using var server = await ChannelApi.StartAsync();

        using var response = await ChannelApi.PutAsync(server, "news", json);

        (await response.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain(named);
        (await ChannelApi.GetAsync(server, "")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("News")]
    [InlineData("a_b")]
    [InlineData("a%20b")]
    [InlineData("%2e%2e%2fetc")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_name_has_its_rule(string name)
    {
        await using var server = await ChannelApi.StartAsync();

        using var response = await ChannelApi.PutAsync(server, name, """{"urls":"http://a.example/x"}""");

        (await response.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("lower-case letters");
    }

    [Fact]
    public async Task Channels_of_the_configuration_file_are_changed_there_only()
    {
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", "http://a.example/x.m3u8");
        ChannelApi.Configure(server, "news");

        (await ChannelApi.GetAsync(server, "/news")).Text("origin").ShouldBe("configuration");
        foreach (var (method, path, json) in new[]
        {
            (HttpMethod.Put, "", """{"urls":"http://a.example/x"}"""), (HttpMethod.Patch, "", "{}"), (HttpMethod.Delete, "", null), (HttpMethod.Delete, "/tokens", null),
        })
        {
            using var response = await server.SendAsync(method, "/api/v1/channels/news" + path, json: json);
            await response.ShouldBeProblemAsync(409, "channel-configured");
        }
    }

    [Fact]
    public async Task The_operator_alone_sees_and_changes_them()
    {
        await using var server = await ChannelApi.StartAsync(guarded: true);
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, ""), (HttpMethod.Get, "/a"), (HttpMethod.Put, "/a"), (HttpMethod.Patch, "/a"), (HttpMethod.Delete, "/a"), (HttpMethod.Get, "/a/status"),
            (HttpMethod.Post, "/test"), (HttpMethod.Post, "/a/tokens"), (HttpMethod.Delete, "/a/tokens"), (HttpMethod.Post, "/a/record"), (HttpMethod.Delete, "/a/record"),
        })
        {
            using var response = await server.SendAsync(method, "/api/v1/channels" + path);
            await response.ShouldBeProblemAsync(401, "key-missing");
        }

        using var list = await server.SendAsync(HttpMethod.Get, "/api/v1/channels", bearer: server.NewOperatorKey);
        ((int)list.StatusCode).ShouldBe(200);
    }

    [Fact]
    public async Task A_channel_may_have_the_name_of_a_route()
    {
        await using var server = await ChannelApi.StartAsync();

        await ChannelApi.MakeAsync(server, "test", "http://a.example/x.m3u8");

        (await ChannelApi.GetAsync(server, "/test")).Text("name").ShouldBe("test");
    }

    [Fact]
    public async Task Its_status_is_told()
    {
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", "http://a.example/x.m3u8");

        var status = await ChannelApi.GetAsync(server, "/news/status");

        (status.Text("name"), status.Text("state")).ShouldBe(("news", "idle"));
        status.GetProperty("upstream").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("recording").ValueKind.ShouldBe(JsonValueKind.Null);
        status.GetProperty("log").GetProperty("budgetBytes").GetInt64().ShouldBe(16 << 20);
        status.GetProperty("counters").EnumerateObject().Select(c => c.Name).ShouldBe(
            ["starts", "segments", "bytesIn", "bytesOut", "gaps", "missed", "resets", "lags", "retries", "failedSegments", "lostBytes", "losses", "timesAlone", "lateFrames", "skips", "drops", "switches"],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Nothing_secret_of_a_channel_is_logged()
    {
        await using var server = await ChannelApi.StartAsync(configure: builder => builder.Logging.SetMinimumLevel(LogLevel.Trace));
        await ChannelApi.MakeAsync(server, "news", "http://me:pa55word@127.0.0.1:9/x.m3u8?key=s3cret", ""","headers":{"X-Key":"s3cret"}""");

        using var recorded = await server.Http.PostAsync("/api/v1/channels/news/record", null);

        var problem = await recorded.ShouldBeProblemAsync(502, "upstream-unusable");
        foreach (var text in server.Logs.Lines.Append(problem.ToString()))
        {
            text.ShouldNotContain("s3cret");
            text.ShouldNotContain("pa55word");
        }
    }
}
