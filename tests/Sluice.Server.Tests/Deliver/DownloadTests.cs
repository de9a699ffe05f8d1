using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Deliver;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>The file itself: to whom, in which parts, under which name.</summary>
public sealed class DownloadTests
{
    private static readonly byte[] File = Encoding.UTF8.GetBytes(SluiceServer.Playable);

    [Fact]
    public async Task It_is_not_given_away_unless_that_is_allowed()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        LinkOf(media).ShouldBeNull();
        media.GetProperty("downloads").ValueKind.ShouldBe(JsonValueKind.Null);
        using var refused = await server.Http.GetAsync(PathOf(media));
        await refused.ShouldBeProblemAsync(403, "download-refused");

        await AllowAsync(server, media, "true");
        var link = LinkOf(await ViewAsync(server, media)).ShouldNotBeNull();
        new Uri(link).PathAndQuery.ShouldBe(PathOf(media));
        (await server.Http.GetByteArrayAsync(link)).ShouldBe(File);

        await AllowAsync(server, media, "null");
        using var again = await server.Http.GetAsync(link);
        await again.ShouldBeProblemAsync(403, "download-refused");
    }

    [Fact]
    public async Task The_configuration_allows_it_where_a_title_says_nothing()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Access.Downloads = true);
        var media = await server.PublishAsync();
        (await server.Http.GetByteArrayAsync(LinkOf(media).ShouldNotBeNull())).ShouldBe(File);

        await AllowAsync(server, media, "false");
        LinkOf(await ViewAsync(server, media)).ShouldBeNull();
        using var refused = await server.Http.GetAsync(PathOf(media));
        await refused.ShouldBeProblemAsync(403, "download-refused");
    }

    [Theory]
    [InlineData("", "token-missing")]
    [InlineData("?token=nonsense", "token-invalid")]
    public async Task It_needs_a_token(string query, string code)
    {
        await using var server = await SluiceServer.StartAsync(options => options.Access.Downloads = true);
        var media = await server.PublishAsync();
        using var refused = await server.Http.GetAsync(PathOf(media).Split('?')[0] + query);
        await refused.ShouldBeProblemAsync(403, code);
    }

    [Fact]
    public async Task A_revoked_link_gives_nothing_to_a_cache_that_asks_again()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Access.Downloads = true);
        var media = await server.PublishAsync();
        using var first = await server.Http.GetAsync(PathOf(media));
        first.Headers.CacheControl.ShouldNotBeNull().ToString().ShouldBe("no-cache, private");
        (await server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{media.Text("id")}/tokens")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var refused = await server.SendAsync(HttpMethod.Get, PathOf(media), headers: ("If-None-Match", first.Headers.ETag!.ToString()));
        await refused.ShouldBeProblemAsync(403, "token-revoked");
    }

    [Fact]
    public async Task Encrypted_it_is_not_given_away_as_it_was()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Access.Downloads = true);
        var media = await server.PublishAsync();
        using var encrypted = await server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{media.Text("id")}", json: """{"encryption":"aes-128"}""");
        encrypted.EnsureSuccessStatusCode();
        LinkOf(await ViewAsync(server, media)).ShouldBeNull();
        using var refused = await server.Http.GetAsync(PathOf(media));
        (await refused.ShouldBeProblemAsync(403, "download-refused")).Text("detail").ShouldContain("encrypted");
    }

    [Fact]
    public async Task It_can_be_had_in_parts_and_by_head()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Access.Downloads = true);
        var media = await server.PublishAsync();
        using var head = await server.SendAsync(HttpMethod.Head, PathOf(media));
        head.Content.Headers.ContentLength.ShouldBe(File.Length);
        head.Content.Headers.ContentType.ShouldNotBeNull().MediaType.ShouldBe("application/octet-stream");
        head.Headers.AcceptRanges.ShouldBe(["bytes"]);
        var tag = head.Headers.ETag.ShouldNotBeNull();
        tag.IsWeak.ShouldBeFalse();

        using var part = await server.SendAsync(HttpMethod.Get, PathOf(media), headers: [("Range", "bytes=6-"), ("If-Range", tag.ToString())]);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentRange.ShouldBe(new ContentRangeHeaderValue(6, File.Length - 1, File.Length));
        (await part.Content.ReadAsByteArrayAsync()).ShouldBe(File[6..]);
    }

    [Fact]
    public async Task A_wish_that_is_none_is_refused()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        using var answer = await server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{media.Text("id")}", json: """{"downloads":"yes"}""");
        (await answer.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("downloads");
    }

    [Theory]
    [InlineData("Film.mp4", "attachment; filename=Film.mp4; filename*=UTF-8''Film.mp4")]
    [InlineData("Füße \u6620\u753b.mp4", "attachment; filename=\"F__e __.mp4\"; filename*=UTF-8''F%C3%BC%C3%9Fe%20%E6%98%A0%E7%94%BB.mp4")]
    [InlineData("a\r\nSet-Cookie: x=1\"; y.mp4", "attachment; filename=\"aSet-Cookie_ x=1_; y.mp4\"; filename*=UTF-8''aSet-Cookie_%20x%3D1_%3B%20y.mp4")]
    [InlineData("../../etc/passwd", "attachment; filename=_.._etc_passwd; filename*=UTF-8''_.._etc_passwd")]
    [InlineData("gpj\u202Eexe.mp4", "attachment; filename=gpjexe.mp4; filename*=UTF-8''gpjexe.mp4")]
    [InlineData("..", "attachment; filename=Title; filename*=UTF-8''Title")]
    public void It_is_kept_under_its_own_name_made_harmless(string name, string header) => SourceDelivery.Disposition(Named(name)).ShouldBe(header);

    [Fact]
    public void A_long_name_keeps_its_ending()
    {
        var header = ContentDispositionHeaderValue.Parse(SourceDelivery.Disposition(Named(new string('ä', 300) + ".mp4")));
        var name = header.FileNameStar.ShouldNotBeNull();
        name.ShouldEndWith("ä.mp4");
        Encoding.UTF8.GetByteCount(name).ShouldBe(240);
    }

    private static Asset Named(string fileName) => new()
    {
        Id = AssetId.New(),
        Title = "Title",
        FileName = fileName,
        State = AssetState.Ready,
        SizeBytes = 1,
        CreatedAt = default,
        UpdatedAt = default,
        AdminKeyHash = [],
    };

    private static string? LinkOf(JsonElement media) => media.GetProperty("playback").GetProperty("download").GetString();

    private static string PathOf(JsonElement media) => $"/stream/{media.Text("id")}/download?token={media.GetProperty("playback").Text("token")}";

    private static async Task AllowAsync(SluiceServer server, JsonElement media, string value)
    {
        using var answer = await server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{media.Text("id")}", json: $$"""{"downloads":{{value}}}""");
        (await answer.JsonAsync()).GetProperty("downloads").GetRawText().ShouldBe(value);
    }

    private static async Task<JsonElement> ViewAsync(SluiceServer server, JsonElement media)
    {
        using var answer = await server.Http.GetAsync($"/api/v1/media/{media.Text("id")}?token={media.GetProperty("playback").Text("token")}");
        return await answer.JsonAsync();
    }
}
