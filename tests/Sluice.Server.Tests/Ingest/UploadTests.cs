using System.Net;
using System.Text;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Ingest;

/// <summary>Uploads through the real server, and what they leave behind.</summary>
public sealed class UploadTests
{
    [Fact]
    public async Task A_file_becomes_a_title_with_links_and_a_key()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.UploadAsync(SluiceServer.Playable, "/api/v1/media?title=My%20clip&expiresInMinutes=90");

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var media = await response.JsonAsync();
        var id = media.Text("id");
        (media.Text("title"), media.Text("fileName"), media.Text("state")).ShouldBe(("My clip", "clip.mp4", "ready"));
        media.GetProperty("sizeBytes").GetInt64().ShouldBe(SluiceServer.Playable.Length);
        media.GetProperty("expiresAt").GetDateTimeOffset().ShouldBe(server.Clock.GetUtcNow().AddMinutes(90));
        media.Text("adminKey").ShouldStartWith("admin_");
        var home = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        var token = media.GetProperty("playback").Text("token");
        media.GetProperty("playback").Text("hls").ShouldBe($"{home}/stream/{id}/master.m3u8?token={token}");
        media.GetProperty("playback").Text("dash").ShouldBe($"{home}/stream/{id}/manifest.mpd?token={token}");
        media.GetProperty("playback").Text("watch").ShouldBe($"{home}/watch/{id}?token={token}");
        server.StoredFiles().ShouldBe([$"media/{id}", $"media/{id}/source"]);
        (await File.ReadAllTextAsync(Path.Combine(server.Data, "media", id, "source"))).ShouldBe(SluiceServer.Playable);
    }

    [Fact]
    public async Task Fields_in_the_form_win_and_odd_names_are_only_shown()
    {
        await using var server = await SluiceServer.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("  Tï\u202Etle\u2066 \u0007<script> "), "title" },
            { new StringContent("7"), "expiresInMinutes" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(SluiceServer.Playable)), "media", "../../etc/pass\u202Dwd.mp4" },
        };
        var media = await (await server.Http.PostAsync("/api/v1/media?title=other", form)).JsonAsync();
        media.Text("title").ShouldBe("Tïtle <script>");
        media.Text("fileName").ShouldBe("passwd.mp4");
        media.GetProperty("expiresAt").GetDateTimeOffset().ShouldBe(server.Clock.GetUtcNow().AddMinutes(7));
    }

    [Fact]
    public async Task A_second_file_in_one_form_is_refused_and_nothing_is_kept()
    {
        await using var server = await SluiceServer.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(SluiceServer.Playable)), "media", "a.mp4" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(SluiceServer.Playable)), "media", "b.mp4" },
        };
        using var response = await server.Http.PostAsync("/api/v1/media", form);
        (await response.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("one file per upload");
        server.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_needs_encoding_is_kept_with_its_reason_and_no_links()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.UploadAsync(SluiceServer.Odd);
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var media = await response.JsonAsync();
        (media.Text("state"), media.Text("reason")).ShouldBe(("needs-transcode", "video prores: no browser plays it"));
        media.GetProperty("playback").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        using var tokens = await server.SendAsync(HttpMethod.Post, $"/api/v1/media/{media.Text("id")}/tokens");
        await tokens.ShouldBeProblemAsync(409, "media-not-ready");
    }

    [Fact]
    public async Task Garbage_is_refused_with_the_reason_and_nothing_stays()
    {
        await using var server = await SluiceServer.StartAsync();
        var problem = await (await server.UploadAsync(SluiceServer.Garbage)).ShouldBeProblemAsync(415, "media-unreadable");
        problem.Text("detail").ShouldBe("There is no movie in it.");
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task A_large_file_arrives_byte_for_byte()
    {
        await using var server = await SluiceServer.StartAsync();
        var bytes = new byte[5_000_001];
        new Random(7).NextBytes(bytes);
        "MEDIA"u8.CopyTo(bytes);

        // Text that looks like the beginning of a boundary must not end the file.
        "\r\n--"u8.CopyTo(bytes.AsSpan(262_140));
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "media", "big.mp4" } };
        var media = await (await server.Http.PostAsync("/api/v1/media", form)).JsonAsync();
        (await File.ReadAllBytesAsync(Path.Combine(server.Data, "media", media.Text("id"), "source"))).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_file_over_the_limit_is_refused_with_the_number()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Ingest.MaxUploadBytes = 1000);
        var problem = await (await server.UploadAsync("MEDIA" + new string('x', 2000))).ShouldBeProblemAsync(413, "upload-too-large");
        problem.Text("detail").ShouldBe("Uploads are limited to 1000 bytes (ingest.maxUploadBytes).");
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task A_body_that_announces_more_than_the_limit_is_refused_at_once()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Ingest.MaxUploadBytes = 1000);
        using var upload = new RawUpload();
        await upload.OpenAsync(server, 1L << 33);
        (await upload.AnswerAsync()).ShouldStartWith("HTTP/1.1 413");
    }

    [Fact]
    public async Task A_body_larger_than_the_disk_is_refused_at_once()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Ingest.MaxUploadBytes = long.MaxValue);
        using var upload = new RawUpload();
        await upload.OpenAsync(server, 1L << 60);
        var answer = await upload.AnswerAsync();
        answer.ShouldStartWith("HTTP/1.1 507");
        answer.ShouldContain("disk-full");
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task A_boundary_of_other_letters_than_there_may_be_is_refused()
    {
        await using var server = await SluiceServer.StartAsync();
        using var raw = new RawTus(server);
        await raw.BeginAsync("POST", "/api/v1/media", $"Content-Type: multipart/form-data; boundary=\"{new string('\u00e9', 70)}\"", "Content-Length: 200000");
        await raw.SendAsync(new byte[200_000]);
        (await raw.AnswerAsync()).ShouldStartWith("HTTP/1.1 422");
    }

    [Fact]
    public async Task A_body_that_ends_early_is_said_and_leaves_nothing()
    {
        await using var server = await SluiceServer.StartAsync();
        using var upload = new RawUpload();
        await upload.OpenAsync(server, RawUpload.FileHead.Length + 11);
        await upload.SendAsync(RawUpload.FileHead + "MEDIA cut o");
        var answer = await upload.AnswerAsync();
        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("upload-interrupted");
        server.StoredFiles().ShouldBe([]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_away_leaves_nothing(bool abruptly)
    {
        await using var server = await SluiceServer.StartAsync();
        using var upload = new RawUpload();
        await upload.OpenAsync(server, 50_000_000);
        await upload.SendAsync(RawUpload.FileHead);
        await upload.SendAsync(new byte[2_000_000]);
        (await Eventually.Holds(() => server.StoredFiles().Length == 2)).ShouldBeTrue("the stage holds the half file");

        if (abruptly)
        {
            upload.Abort();
        }
        else
        {
            upload.EndSending();
        }

        (await Eventually.Holds(() => server.StoredFiles().Length == 0)).ShouldBeTrue();
        (await (await server.Http.GetAsync("/api/v1/media")).JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_form_without_a_file_is_refused()
    {
        await using var server = await SluiceServer.StartAsync();
        using var form = new MultipartFormDataContent { { new StringContent("x"), "title" } };
        await (await server.Http.PostAsync("/api/v1/media", form)).ShouldBeProblemAsync(422, "request-invalid");
        server.StoredFiles().ShouldBe([]);
    }

    [Theory]
    [InlineData("hello, this is no form")]
    [InlineData("--another\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\nMEDIA\r\n--another--\r\n")]
    [InlineData("------b0und4ry\r\nX: 20000\r\n\r\n")]
    public async Task A_body_that_is_no_form_is_refused_as_such(string body)
    {
        await using var server = await SluiceServer.StartAsync();
        using var upload = new RawUpload();
        body = body.Replace("20000", new string('x', 20_000), StringComparison.Ordinal);
        await upload.OpenAsync(server, body.Length);
        await upload.SendAsync(body);
        var answer = await upload.AnswerAsync();
        answer.ShouldStartWith("HTTP/1.1 422");
        answer.ShouldContain("The form cannot be read");
        server.StoredFiles().ShouldBe([]);
    }

    [Theory]
    [InlineData("expiresInMinutes=0")]
    [InlineData("expiresInMinutes=-5")]
    [InlineData("expiresInMinutes=soon")]
    [InlineData("expiresInMinutes=99999999999")]
    public async Task A_life_out_of_bounds_is_refused(string query)
    {
        await using var server = await SluiceServer.StartAsync();
        await (await server.UploadAsync(SluiceServer.Playable, "/api/v1/media?" + query)).ShouldBeProblemAsync(422, "request-invalid");
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task A_title_or_a_field_that_is_too_long_is_refused()
    {
        await using var server = await SluiceServer.StartAsync();
        foreach (var length in (int[])[301, 20_000])
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(new string('t', length)), "title" },
                { new ByteArrayContent(Encoding.UTF8.GetBytes(SluiceServer.Playable)), "media", "a.mp4" },
            };
            await (await server.Http.PostAsync("/api/v1/media", form)).ShouldBeProblemAsync(422, "request-invalid");
        }

        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task One_upload_more_than_allowed_is_told_to_come_back()
    {
        await using var server = await SluiceServer.StartAsync(options => options.Ingest.MaxUploads = 1);
        using var slow = new RawUpload();
        await slow.OpenAsync(server, 1_000_000);
        await slow.SendAsync(RawUpload.FileHead);
        (await Eventually.Holds(() => server.StoredFiles().Length > 0)).ShouldBeTrue();

        using var refused = await server.UploadAsync(SluiceServer.Playable);
        await refused.ShouldBeProblemAsync(503, "server-busy");
        refused.Headers.RetryAfter.ShouldNotBeNull();

        slow.Abort();
        (await Eventually.Holds(() => server.StoredFiles().Length == 0)).ShouldBeTrue();

        // The slot is given back a moment after the files are gone.
        var status = HttpStatusCode.ServiceUnavailable;
        for (var tries = 0; tries < 100 && status == HttpStatusCode.ServiceUnavailable; tries++)
        {
            await Task.Delay(20);
            using var answer = await server.UploadAsync(SluiceServer.Playable);
            status = answer.StatusCode;
        }

        status.ShouldBe(HttpStatusCode.Created);
    }
}
