using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>The list of what people try: each is refused with a reason, no program of it runs on, and nothing that it leads to was read.</summary>
public sealed class SessionAbuseListTests(AbuseServer abuse) : IClassFixture<AbuseServer>
{
    private const string Refused = "The address cannot be fetched.";
    private const string NotSent = "Its segments do not come: ";
    private const string Presentation = "may not go where it leads";
    private const string Nothing = "can make nothing of what it sends";

    [Theory]
    [InlineData("--script=x", 422, "address-refused", Refused)]
    [InlineData("file:///etc/passwd", 422, "address-refused", Refused)]
    [InlineData("file://{file}", 422, "address-refused", Refused)]
    [InlineData("{file}", 422, "address-refused", Refused)]
    [InlineData("concat:{file}|{file}", 422, "address-refused", Refused)]
    [InlineData("http://127.0.0.1:22", 422, "address-refused", Refused)]
    [InlineData("{canary}", 422, "address-refused", Refused)]
    [InlineData("{origin}moved?file://{file}", 422, "address-refused", Refused)]
    [InlineData("{origin}moved?concat:{file}", 422, "address-refused", Refused)]
    [InlineData("{origin}moved?{canary}", 422, "address-refused", Refused)]
    [InlineData("{origin}moved?{origin}moved?{canary}", 422, "address-refused", Refused)]
    [InlineData("{origin}circles", 502, "source-unusable", "redirects without end")]
    [InlineData("{origin}zeros", 422, "source-unsupported", "gives no parts of the file")]
    [InlineData("{origin}concat.avi?file://{file}", 422, "source-unsupported", "no video or audio")]
    [InlineData("{origin}concat.avi?{canary}", 422, "source-unsupported", "no video or audio")]
    [InlineData("{origin}bomb.mp4", 502, "source-unusable", "packed (gzip)")]
    public async Task It_is_refused(string address, int status, string code, string words)
    {
        using var refused = await BeginAsync(address);

        (await refused.ShouldBeProblemAsync(status, code)).Text("detail").ShouldContain(words);
        await abuse.ShouldBeAsBeforeAsync();
    }

    [Theory]
    [InlineData("{origin}list.m3u8?file://{file}", NotSent)]
    [InlineData("{origin}list.m3u8?{file}", NotSent)]
    [InlineData("{origin}list.m3u8?concat:{file}", NotSent)]
    [InlineData("{origin}list.m3u8?{canary}a.ts", NotSent)]
    [InlineData("{origin}list.m3u8?http://169.254.169.254/latest/a.ts", NotSent)]
    [InlineData("{origin}list.m3u8?{origin}moved?{canary}a.ts", NotSent)]
    [InlineData("{origin}list.m3u8?{origin}circles", NotSent)]
    [InlineData("{origin}film.mpd?file://{file}", Presentation)]
    [InlineData("{origin}film.mpd?{file}", Presentation)]
    [InlineData("{origin}film.mpd?concat:{file}", Presentation)]
    [InlineData("{origin}film.mpd?{canary}a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?https://{inside}/a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?httpproxy://{inside}/a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?tls://{inside}/a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?{origin}moved?{canary}a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?{origin}moved?https://{inside}/a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?{origin}moved?httpproxy://{inside}/a.mp4", Presentation)]
    [InlineData("{origin}film.mpd?{origin}circles", Presentation)]
    [InlineData("{origin}concat.ts?file://{file}", Nothing)]
    [InlineData("{origin}concat.ts?{canary}", Nothing)]
    [InlineData("{origin}zeros.ts", Nothing)]
    [InlineData("{origin}bomb.m3u8", "larger than this server allows")]
    public async Task It_begins_and_shows_nothing_but_the_reason(string address, string words)
    {
        using var begun = await BeginAsync(address);
        begun.EnsureSuccessStatusCode();
        var session = await begun.JsonAsync();

        using var answer = await abuse.Http.GetAsync(session.GetProperty("playback").Text("hls"));

        (await answer.ShouldBeProblemAsync(502, "upstream-unusable")).Text("detail").ShouldContain(words);
        using var ended = await abuse.Http.DeleteAsync($"/api/v1/sessions/{session.Text("id")}");
        ended.EnsureSuccessStatusCode();
        await abuse.ShouldBeAsBeforeAsync();
    }

    private Task<HttpResponseMessage> BeginAsync(string address) => abuse.Http.PostAsync(
        "/api/v1/sessions", new StringContent($$"""{"url":{{JsonSerializer.Serialize(abuse.Fill(address))}}}""", null, "application/json"));
}
