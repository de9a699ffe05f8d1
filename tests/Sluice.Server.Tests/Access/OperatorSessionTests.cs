using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Access;

/// <summary>The operator in a browser: the key is given once, a cookie stands for it, and no page of another site gains by it.</summary>
public sealed class OperatorSessionTests : IAsyncLifetime
{
    private const string Session = "/api/v1/operator/session";

    private SluiceServer _server = null!;

    private string Ours => _server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    public async ValueTask InitializeAsync() => _server = await SluiceServer.StartAsync(guarded: true);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_login_opens_what_the_key_opens_until_it_ends()
    {
        var cookie = await LoginAsync();

        (await StatusAsync(HttpMethod.Get, "/api/v1/media")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(HttpMethod.Get, "/api/v1/media", cookie)).ShouldBe(HttpStatusCode.OK);
        (await WhoAsync(cookie)).GetProperty("isOperator").GetBoolean().ShouldBeTrue();
        (await WhoAsync(null)).GetProperty("isOperator").GetBoolean().ShouldBeFalse();

        _server.Clock.Advance(TimeSpan.FromMinutes(10_080) - TimeSpan.FromSeconds(2));
        (await StatusAsync(HttpMethod.Get, "/api/v1/media", cookie)).ShouldBe(HttpStatusCode.OK);
        _server.Clock.Advance(TimeSpan.FromSeconds(2));
        (await StatusAsync(HttpMethod.Get, "/api/v1/media", cookie)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_cookie_is_for_no_script_and_no_other_site_and_not_kept_as_it_is()
    {
        using var response = await _server.SendAsync(HttpMethod.Post, Session, json: KeyJson(_server.NewOperatorKey!));

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var cookie = response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ToLowerInvariant();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
        cookie.ShouldContain("path=/");
        cookie.ShouldContain("expires=");
        var name = cookie.Split('=', ';')[1];
        (await response.Content.ReadAsStringAsync()).ShouldNotContain(name, Case.Insensitive);
        foreach (var file in Directory.EnumerateFiles(_server.Data, "catalog.db*"))
        {
            var bytes = await ReadSharedAsync(file);
            System.Text.Encoding.Latin1.GetString(bytes).ShouldNotContain(name, Case.Insensitive);
        }
    }

    [Fact]
    public async Task Logged_out_it_opens_nothing_any_more()
    {
        var (one, other) = (await LoginAsync(), await LoginAsync());
        using var response = await SendAsync(HttpMethod.Delete, Session, one, ("Origin", Ours));

        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ShouldStartWith("sluice_operator=;");
        (await StatusAsync(HttpMethod.Get, "/api/v1/media", one)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(HttpMethod.Get, "/api/v1/media", other)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("", 403)]
    [InlineData("operator_wrong", 403)]
    [InlineData(null, 422)]
    public async Task A_wrong_key_says_so_and_gives_no_cookie(string? key, int status)
    {
        using var response = await _server.SendAsync(HttpMethod.Post, Session, json: key is null ? "[]" : KeyJson(key));

        await response.ShouldBeProblemAsync(status, status == 403 ? "key-invalid" : "request-invalid");
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_is_changed_that_none_of_our_pages_asked_for()
    {
        var cookie = await LoginAsync();
        var id = (await UploadAsync(cookie)).GetProperty("id").GetString();
        var path = $"/api/v1/media/{id}";

        foreach (var (name, value) in ((string, string)[])[("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "cross-site"), ("X-Nothing", "said")])
        {
            using var refused = await SendAsync(HttpMethod.Delete, path, cookie, (name, value));
            await refused.ShouldBeProblemAsync(403, "origin-refused");
        }

        using var reading = await SendAsync(HttpMethod.Get, path, cookie, ("Origin", "https://evil.example"));
        await reading.ShouldBeProblemAsync(403, "origin-refused");
        (await StatusAsync(HttpMethod.Get, path, cookie)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(HttpMethod.Delete, path, cookie, ("Origin", Ours))).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task No_other_site_logs_anybody_in_or_out()
    {
        var cookie = await LoginAsync();
        foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Delete])
        {
            using var request = new HttpRequestMessage(method, Session) { Content = JsonContent.Create(new { key = _server.NewOperatorKey }) };
            request.Headers.Add("Cookie", cookie);
            request.Headers.Add("Origin", "https://evil.example");
            using var response = await _server.Http.SendAsync(request);
            await response.ShouldBeProblemAsync(403, "origin-refused");
        }

        (await StatusAsync(HttpMethod.Get, "/api/v1/media", cookie)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_restart_logs_nobody_out()
    {
        var data = Directory.CreateTempSubdirectory("sluice-operator-").FullName;
        try
        {
            string cookie;
            var first = await SluiceServer.StartAsync(guarded: true, data: data);
            await using (first)
            {
                cookie = await LoginAsync(first);
            }

            await using var second = await SluiceServer.StartAsync(guarded: true, data: data);
            using var response = await second.SendAsync(HttpMethod.Get, "/api/v1/media", headers: ("Cookie", cookie));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Many_logins_end_the_oldest()
    {
        var oldest = await LoginAsync();
        _server.Clock.Advance(TimeSpan.FromMinutes(1));
        var newest = "";
        for (var i = 0; i < Sluice.Server.Access.OperatorSessions.Most; i++)
        {
            newest = await LoginAsync();
        }

        (await StatusAsync(HttpMethod.Get, "/api/v1/media", oldest)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(HttpMethod.Get, "/api/v1/media", newest)).ShouldBe(HttpStatusCode.OK);
    }

    private static string KeyJson(string key) => JsonSerializer.Serialize(new { key });

    private static async Task<byte[]> ReadSharedAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes;
    }

    private Task<string> LoginAsync() => LoginAsync(_server);

    private static async Task<string> LoginAsync(SluiceServer server)
    {
        using var response = await server.SendAsync(HttpMethod.Post, Session, json: KeyJson(server.NewOperatorKey!));
        response.EnsureSuccessStatusCode();
        return response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().Split(';')[0];
    }

    private async Task<JsonElement> UploadAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media")
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent("MEDIA"u8.ToArray()), "media", "clip.mp4" } },
        };
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var response = await _server.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> WhoAsync(string? cookie)
    {
        using var response = await SendAsync(HttpMethod.Get, "/api/v1/operator", cookie);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string? cookie = null, params (string, string)[] headers)
    {
        using var response = await SendAsync(method, path, cookie, headers);
        return response.StatusCode;
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? cookie, params (string, string)[] headers) =>
        _server.SendAsync(method, path, headers: cookie is null ? headers : [.. headers, ("Cookie", cookie)]);
}
