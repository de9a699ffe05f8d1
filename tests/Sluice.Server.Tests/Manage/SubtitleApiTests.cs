using System.Net;
using System.Text;
using System.Text.Json;
using Shouldly;
using Sluice.Media.Text;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

public sealed class SubtitleApiTests(Clip clip) : IClassFixture<Clip>
{
    private const string Srt = "1\n00:00:01,000 --> 00:00:02,000\nHello <i>you</i> <script>x</script>\n";

    [Fact]
    public async Task Subtitles_are_added_offered_and_removed()
    {
        await using var title = await Published.PublishAsync(clip.Path);
        var before = await RevisionAsync(title);

        using var answer = await AddAsync(title, Encoding.UTF8.GetBytes(Srt), ("language", "pt-BR"), ("name", "Legendas"));

        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var added = await answer.JsonAsync();
        (added.Text("id"), added.Text("language"), added.Text("name"), added.Text("origin")).ShouldBe(("s0", "pt-BR", "Legendas", "uploaded"));
        (await RevisionAsync(title)).ShouldBe(before + 1);
        (await title.Server.Http.GetStringAsync(title.Hls)).ShouldContain("NAME=\"Legendas\",LANGUAGE=\"pt-BR\"");
        var links = (await Captioned.ViewAsync(title)).GetProperty("playback").GetProperty("subtitles");
        SubtitleText.Read(await title.Server.Http.GetByteArrayAsync(links[0].Text("url"))).Cues.ShouldBe([new Cue(1000, 2000, "Hello <i>you</i> x")]);

        var path = $"/api/v1/media/{title.Media.Text("id")}/subtitles/s0";
        (await title.Server.SendAsync(HttpMethod.Delete, path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await RevisionAsync(title)).ShouldBe(before + 2);
        (await title.Server.Http.GetStringAsync(title.Hls)).ShouldNotContain("SUBTITLES");
        (await title.Server.Http.GetAsync(links[0].Text("url"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        title.Server.StoredFiles().ShouldNotContain(file => file.EndsWith(".vtt", StringComparison.Ordinal));
        using var gone = await title.Server.SendAsync(HttpMethod.Delete, path);
        await gone.ShouldBeProblemAsync(404, "extra-unknown");

        // A name is never used twice.
        using var next = await AddAsync(title, Encoding.UTF8.GetBytes("WEBVTT\n\n00:01.000 --> 00:02.000\nx"));
        (await next.JsonAsync()).Text("id").ShouldBe("s1");
    }

    [Theory]
    [InlineData("1\n00:00:01,000 --> 00:00:02,000\nfine\n\n2\nnonsense\n", "Line 6:")]
    [InlineData("just words", "Line 1:")]
    [InlineData("", "no text")]
    public async Task A_bad_file_is_refused_with_its_line(string text, string words)
    {
        await using var title = await Published.PublishAsync(clip.Path);

        using var answer = await AddAsync(title, Encoding.UTF8.GetBytes(text));

        (await answer.ShouldBeProblemAsync(422, "subtitles-unreadable")).Text("detail").ShouldContain(words);
        title.Server.StoredFiles().ShouldNotContain(file => file.EndsWith(".vtt", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("language", "e n")]
    [InlineData("language", "\"x")]
    [InlineData("name", "long")]
    public async Task Bad_fields_are_refused(string field, string value)
    {
        await using var server = await SluiceServer.StartAsync();
        var id = (await server.PublishAsync()).Text("id");

        using var answer = await AddAsync(server, id, Encoding.UTF8.GetBytes(Srt), (field, value == "long" ? new string('x', 121) : value));

        await answer.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task A_file_that_is_too_large_and_a_body_that_is_no_form_are_refused()
    {
        await using var server = await SluiceServer.StartAsync();
        var id = (await server.PublishAsync()).Text("id");

        using var large = await AddAsync(server, id, new byte[(2 << 20) + 1]);
        await large.ShouldBeProblemAsync(413, "subtitles-too-large");
        using var json = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{id}/subtitles", json: "{}");
        ((int)json.StatusCode).ShouldBeOneOf(415, 422);
        using var content = new ByteArrayContent("--x\r\nbroken"u8.ToArray());
        content.Headers.Add("Content-Type", "multipart/form-data; boundary=x");
        using var broken = await server.Http.PostAsync($"/api/v1/media/{id}/subtitles", content);
        await broken.ShouldBeProblemAsync(422, "request-invalid");
    }

    [Fact]
    public async Task Only_who_manages_the_title_may()
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        using var upload = await server.SendAsync(HttpMethod.Get, "/api/v1/media", bearer: server.NewOperatorKey);
        upload.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(SluiceServer.Playable)), "media", "a.mp4" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/media") { Content = form };
        request.Headers.Authorization = new("Bearer", server.NewOperatorKey);
        var media = await (await server.Http.SendAsync(request)).JsonAsync();

        using var refused = await AddAsync(server, media.Text("id"), Encoding.UTF8.GetBytes(Srt));
        await refused.ShouldBeProblemAsync(401, "key-missing");
        using var keyed = Form(Encoding.UTF8.GetBytes(Srt));
        keyed.Headers.Add("X-Admin-Key", media.Text("adminKey"));
        using var added = await server.Http.PostAsync($"/api/v1/media/{media.Text("id")}/subtitles", keyed);
        added.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    private static Task<HttpResponseMessage> AddAsync(Published title, byte[] file, params (string Name, string Value)[] fields) =>
        AddAsync(title.Server, title.Media.Text("id"), file, fields);

    private static Task<HttpResponseMessage> AddAsync(SluiceServer server, string id, byte[] file, params (string Name, string Value)[] fields) =>
        server.Http.PostAsync($"/api/v1/media/{id}/subtitles", Form(file, fields));

    private static MultipartFormDataContent Form(byte[] file, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        form.Add(new ByteArrayContent(file), "subtitles", "a.srt");
        return form;
    }

    private static async Task<int> RevisionAsync(Published title)
    {
        using var answer = await title.Server.Http.GetAsync($"/api/v1/media/{title.Media.Text("id")}");
        return (await answer.JsonAsync()).GetProperty("revision").GetInt32();
    }
}
