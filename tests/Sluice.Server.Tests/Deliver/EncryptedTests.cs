using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Deliver;

/// <summary>Segments that are encrypted on the way out, read as a player reads them.</summary>
public sealed class EncryptedTests(Clip clip) : IClassFixture<Clip>, IAsyncLifetime
{
    private Published _title = null!;
    private byte[] _clear = null!;
    private Uri _clearSegment = null!;

    private string Id => _title.Media.Text("id");

    public async ValueTask InitializeAsync()
    {
        _title = await Published.PublishAsync(clip.Path);
        _clearSegment = (await _title.ListAsync(await _title.TrackAsync("v0"))).First(IsSegment);
        _clear = await _title.Server.Http.GetByteArrayAsync(_clearSegment);
        (await EncryptAsync("\"aes-128\"")).Text("encryption").ShouldBe("aes-128");
    }

    public ValueTask DisposeAsync() => _title.DisposeAsync();

    [Fact]
    public async Task A_segment_decrypts_with_its_playlists_key_to_what_it_was()
    {
        var playlist = await _title.TrackAsync("v0");
        var text = await _title.Server.Http.GetStringAsync(playlist);
        text.IndexOf("#EXT-X-MAP", StringComparison.Ordinal).ShouldBeLessThan(text.IndexOf("#EXT-X-KEY:METHOD=AES-128,URI=\"key?token=", StringComparison.Ordinal));
        var list = await _title.ListAsync(playlist);
        var segment = list.First(IsSegment);
        segment.AbsolutePath.ShouldNotBe(_clearSegment.AbsolutePath, "caches must not take the one for the other");
        var key = await _title.Server.Http.GetByteArrayAsync(list.Single(uri => uri.AbsolutePath.EndsWith("/key", StringComparison.Ordinal)));
        key.Length.ShouldBe(16);

        using var answer = await _title.Server.Http.GetAsync(segment);
        var body = await answer.Content.ReadAsByteArrayAsync();
        answer.Content.Headers.ContentLength.ShouldBe(body.Length);
        answer.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromDays(365));
        Decrypt(body, key, 1).ShouldBe(_clear);

        var sound = (await _title.ListAsync(await _title.TrackAsync("a0"))).Single(uri => uri.AbsolutePath.EndsWith("/key", StringComparison.Ordinal));
        (await _title.Server.Http.GetByteArrayAsync(sound)).ShouldNotBe(key, "segments of the same number have the same vector");
    }

    [Fact]
    public async Task Every_cut_of_it_is_the_same_bytes_and_head_says_the_same()
    {
        var segment = (await _title.ListAsync(await _title.TrackAsync("v0"))).First(IsSegment);
        var whole = await _title.Server.Http.GetByteArrayAsync(segment);
        whole.Length.ShouldBe(((_clear.Length / 16) + 1) * 16);
        for (var at = 0; at < whole.Length; at += 4093)
        {
            var end = Math.Min(whole.Length, at + 4093) - 1;
            using var part = await AskAsync(HttpMethod.Get, segment, ("Range", $"bytes={at}-{end}"));
            part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
            part.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes {at}-{end}/{whole.Length}");
            (await part.Content.ReadAsByteArrayAsync()).ShouldBe(whole[at..(end + 1)]);
        }

        using var last = await AskAsync(HttpMethod.Get, segment, ("Range", "bytes=-1"));
        (await last.Content.ReadAsByteArrayAsync()).ShouldBe(whole[^1..]);
        using var head = await AskAsync(HttpMethod.Head, segment);
        head.Content.Headers.ContentLength.ShouldBe(whole.Length);
        using var clear = await AskAsync(HttpMethod.Head, _clearSegment);
        clear.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        head.Headers.ETag!.IsWeak.ShouldBeFalse();
        using var same = await AskAsync(HttpMethod.Get, segment, ("If-None-Match", head.Headers.ETag.ToString()));
        same.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var beyond = await AskAsync(HttpMethod.Get, segment, ("Range", $"bytes={whole.Length}-"));
        beyond.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task The_key_is_behind_the_token_and_kept_by_nobody()
    {
        var key = (await _title.ListAsync(await _title.TrackAsync("v0"))).Single(uri => uri.AbsolutePath.EndsWith("/key", StringComparison.Ordinal));
        using var answer = await AskAsync(HttpMethod.Get, key);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        await (await _title.Server.Http.GetAsync(key.AbsolutePath)).ShouldBeProblemAsync(403, "token-missing");
        (await _title.Server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{Id}/tokens")).EnsureSuccessStatusCode();
        await (await _title.Server.Http.GetAsync(key)).ShouldBeProblemAsync(403, "token-revoked");
    }

    [Fact]
    public async Task Dash_is_refused_with_the_reason_and_not_offered()
    {
        await (await _title.Server.Http.GetAsync(_title.Dash)).ShouldBeProblemAsync(409, "dash-unavailable");
        using var issued = await _title.Server.SendAsync(HttpMethod.Post, $"/api/v1/media/{Id}/tokens");
        (await issued.JsonAsync()).GetProperty("dash").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("master.m3u8")]
    [InlineData("ts")]
    public async Task Ffmpeg_reads_the_same_packets_as_of_the_clear_stream(string kind)
    {
        var encrypted = kind == "ts" ? await TsAsync() : _title.Hls.AbsoluteUri;
        var there = Packets(encrypted);
        await EncryptAsync("null");
        var clear = kind == "ts" ? await TsAsync() : _title.Hls.AbsoluteUri;
        there.Length.ShouldBeGreaterThan(300);
        there.ShouldBe(Packets(clear));

        async Task<string> TsAsync()
        {
            var asset = (await _title.Server.Assets.FindAsync(AssetId.Parse(Id, null), default))!;
            return new Uri(_title.Hls, $"{asset.ServedVersion}/ts/v0-a0/index.m3u8{_title.Hls.Query}").AbsoluteUri;
        }
    }

    [Fact]
    public async Task A_title_of_pyhls_plays_by_names_that_have_a_version()
    {
        using var uploaded = await _title.Server.UploadFileAsync(clip.Path, "/upload");
        var answer = await uploaded.JsonAsync();
        var playlist = new Uri(answer.Text("playlist_url"));
        (await _title.Server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{answer.Text("media_id")}", json: """{"encryption":"aes-128"}""")).EnsureSuccessStatusCode();
        (await _title.ListAsync(playlist)).ShouldAllBe(uri => uri.AbsolutePath.Contains("/ts/v0-a0/"));
        Packets(playlist.AbsoluteUri).Length.ShouldBeGreaterThan(300);
        using var flat = await _title.Server.Http.GetAsync(new Uri(playlist, $"segment0.ts{playlist.Query}"));
        flat.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Taken_away_and_given_again_it_is_another_one_and_given_twice_the_same()
    {
        var before = await _title.ListAsync(await _title.TrackAsync("v0"));
        await EncryptAsync("\"aes-128\"");
        (await _title.ListAsync(await _title.TrackAsync("v0"))).ShouldBe(before);
        (await EncryptAsync("null")).GetProperty("encryption").ValueKind.ShouldBe(JsonValueKind.Null);
        (await _title.ListAsync(await _title.TrackAsync("v0"))).First(IsSegment).ShouldBe(_clearSegment);
        await EncryptAsync("\"aes-128\"");
        (await _title.ListAsync(await _title.TrackAsync("v0"))).First(IsSegment).ShouldNotBe(before.First(IsSegment));
        using var unknown = await _title.Server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{Id}", json: """{"encryption":"sample-aes"}""");
        (await unknown.ShouldBeProblemAsync(422, "request-invalid")).Text("detail").ShouldContain("aes-128");
    }

    private static bool IsSegment(Uri uri) => uri.AbsolutePath.EndsWith(".m4s", StringComparison.Ordinal);

    private static byte[] Decrypt(byte[] body, byte[] key, byte sequence)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        byte[] iv = [.. new byte[15], sequence];
        return aes.DecryptCbc(body, iv);
    }

    private static string[] Packets(string url) => Ffmpeg.Probe(
        "-allowed_extensions ALL -show_entries packet=stream_index,pts_time,dts_time,size,flags -of csv=p=0", url);

    private async Task<JsonElement> EncryptAsync(string encryption)
    {
        using var changed = await _title.Server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{Id}", json: $$"""{"encryption":{{encryption}}}""");
        changed.EnsureSuccessStatusCode();
        return await changed.JsonAsync();
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, Uri uri, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, uri);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _title.Server.Http.SendAsync(request);
    }
}
