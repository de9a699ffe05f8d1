using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>The core protocol of tus 1.0.0: OPTIONS, HEAD, PATCH, versions, methods.</summary>
public sealed class TusCoreTests : IAsyncLifetime
{
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SluiceServer.StartAsync();
        _tus = new TusCalls(_server.Http);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_upload_in_pieces_becomes_a_title_of_its_own_id()
    {
        var file = TusCalls.File(1_000_003);
        var path = await _tus.NewAsync(file.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "my film.mp4"), ("title", "Mÿ film"))));
        var offset = 0;
        foreach (var end in (int[])[1, 400_000, 400_001, file.Length])
        {
            using var patched = await _tus.PatchAsync(path, offset, file[offset..end]);
            patched.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            patched.Header("Upload-Offset").ShouldBe($"{end}");
            patched.Header("Tus-Resumable").ShouldBe("1.0.0");
            patched.Headers.Contains("Sluice-Media-Id").ShouldBe(end == file.Length);
            offset = end;
            (await _tus.OffsetAsync(path)).ShouldBe(end);
        }

        var id = TusCalls.IdOf(path);
        var media = await (await _server.Http.GetAsync($"/api/v1/media/{id}")).JsonAsync();
        (media.Text("title"), media.Text("fileName"), media.GetProperty("sizeBytes").GetInt64()).ShouldBe(("Mÿ film", "my film.mp4", file.Length));
        media.Text("sha256").ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)));
        (await File.ReadAllBytesAsync(Path.Combine(_server.Data, "media", id, "source"))).ShouldBe(file);
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
        _server.StoredFiles().ShouldBe([$"media/{id}", $"media/{id}/source"]);
    }

    [Fact]
    public async Task The_key_of_the_title_is_in_the_answer_to_the_last_byte_and_works()
    {
        var file = TusCalls.File(10);
        var path = await _tus.NewAsync(file.Length);
        using var patched = await _tus.PatchAsync(path, 0, file);
        var key = patched.Header("Sluice-Admin-Key");
        using var gone = await _server.SendAsync(HttpMethod.Delete, $"/api/v1/media/{patched.Header("Sluice-Media-Id")}", adminKey: key);
        gone.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var head = await _tus.HeadAsync(path);
        head.Headers.Contains("Sluice-Admin-Key").ShouldBeFalse();
    }

    [Theory]
    [InlineData(TusCalls.Root)]
    [InlineData(TusCalls.Root + "/0000000000000000")]
    public async Task Options_tell_what_there_is_and_need_no_version(string path)
    {
        using var answer = await new TusCalls(_server.Http) { Version = null }.SendAsync(HttpMethod.Options, path, null);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        answer.Header("Tus-Version").ShouldBe("1.0.0");
        answer.Header("Tus-Extension").ShouldBe("creation,creation-with-upload,expiration,checksum,termination,concatenation");
        answer.Header("Tus-Checksum-Algorithm").ShouldBe("sha1,sha256");
        answer.Header("Tus-Max-Size").ShouldBe($"{64L << 30}");
        answer.Headers.Contains("Tus-Resumable").ShouldBeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0.2.2")]
    [InlineData("1.0.0,1.0.0")]
    [InlineData("1.0")]
    public async Task Another_version_is_refused_and_nothing_is_done(string? version)
    {
        var path = await _tus.NewAsync(5);
        var other = new TusCalls(_server.Http) { Version = version };
        foreach (var send in (Func<Task<HttpResponseMessage>>[])[() => other.CreateAsync(5), () => other.PatchAsync(path, 0, new byte[5]), () => other.DeleteAsync(path)])
        {
            using var answer = await send();
            await answer.ShouldBeProblemAsync(412, "tus-version");
            answer.Header("Tus-Version").ShouldBe("1.0.0");
            answer.Header("Tus-Resumable").ShouldBe("1.0.0");
        }

        using var head = await other.HeadAsync(path);
        head.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await _tus.OffsetAsync(path)).ShouldBe(0);
    }

    [Fact]
    public async Task Head_tells_all_and_is_not_kept_by_caches()
    {
        var metadata = TusCalls.Metadata(("filename", "a.mp4")) + ",empty";
        var path = await _tus.NewAsync(100, ("Upload-Metadata", metadata));
        using var _ = await _tus.PatchAsync(path, 0, TusCalls.File(7));
        using var head = await _tus.HeadAsync(path);
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        (head.Header("Upload-Offset"), head.Header("Upload-Length"), head.Header("Upload-Metadata")).ShouldBe(("7", "100", metadata));
        head.Headers.CacheControl!.NoStore.ShouldBeTrue();
        head.Headers.Contains("Upload-Concat").ShouldBeFalse();
    }

    [Theory]
    [InlineData("0000000000000000")]
    [InlineData("nothing")]
    [InlineData("%2e%2e%2fcatalog.db")]
    public async Task What_is_not_there_is_404_without_an_offset(string id)
    {
        using var head = await _tus.HeadAsync($"{TusCalls.Root}/{id}");
        head.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        head.Headers.Contains("Upload-Offset").ShouldBeFalse();
        using var patch = await _tus.PatchAsync($"{TusCalls.Root}/{id}", 0, [1]);
        await patch.ShouldBeProblemAsync(404, "upload-unknown");
        using var delete = await _tus.DeleteAsync($"{TusCalls.Root}/{id}");
        await delete.ShouldBeProblemAsync(404, "upload-unknown");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(long.MaxValue)]
    public async Task Another_offset_is_a_conflict_and_changes_nothing(long offset)
    {
        var file = TusCalls.File(20);
        var path = await _tus.NewAsync(file.Length);
        using var first = await _tus.PatchAsync(path, 0, file[..5]);
        using var wrong = await _tus.PatchAsync(path, offset, new byte[10]);
        await wrong.ShouldBeProblemAsync(409, "upload-offset");
        (await _tus.OffsetAsync(path)).ShouldBe(5);
        using var rest = await _tus.PatchAsync(path, 5, file[5..]);
        (await File.ReadAllBytesAsync(Path.Combine(_server.Data, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
    }

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    public async Task A_body_of_another_type_is_refused(string type)
    {
        var path = await _tus.NewAsync(5);
        using var answer = await _tus.SendAsync(HttpMethod.Patch, path, TusCalls.Body(new byte[5], type), ("Upload-Offset", "0"));
        await Statuses.ShouldBeAsync(answer, 415);
        (await _tus.OffsetAsync(path)).ShouldBe(0);
    }

    [Fact]
    public async Task More_than_the_upload_lacks_is_refused_whether_announced_or_not()
    {
        var path = await _tus.NewAsync(10);
        using var announced = await _tus.PatchAsync(path, 0, new byte[11]);
        await announced.ShouldBeProblemAsync(413, "upload-too-large");

        using var body = new Unannounced(new byte[11]);
        using var unannounced = await _tus.SendAsync(HttpMethod.Patch, path, body, ("Upload-Offset", "0"));
        await unannounced.ShouldBeProblemAsync(413, "upload-too-large");
        (await _tus.OffsetAsync(path)).ShouldBe(0);
    }

    [Fact]
    public async Task Bytes_whose_number_is_not_announced_are_taken()
    {
        var file = TusCalls.File(700_000);
        var path = await _tus.NewAsync(file.Length);
        using var body = new Unannounced(file);
        using var answer = await _tus.SendAsync(HttpMethod.Patch, path, body, ("Upload-Offset", "0"));
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await File.ReadAllBytesAsync(Path.Combine(_server.Data, "media", TusCalls.IdOf(path), "source"))).ShouldBe(file);
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    public async Task The_overriding_method_counts_and_the_real_one_does_not(string method)
    {
        var path = await _tus.NewAsync(10);
        using var answer = await _tus.SendAsync(
            HttpMethod.Post, path, TusCalls.Body(TusCalls.File(6)), ("X-HTTP-Method-Override", method), ("Upload-Offset", "0"));
        answer.StatusCode.ShouldBe(method == "HEAD" ? HttpStatusCode.OK : HttpStatusCode.NoContent);
        using var head = await _tus.HeadAsync(path);
        head.StatusCode.ShouldBe(method == "DELETE" ? HttpStatusCode.Gone : HttpStatusCode.OK);
        if (method != "DELETE")
        {
            head.Header("Upload-Offset").ShouldBe(method == "PATCH" ? "6" : "0");
        }
    }

    [Theory]
    [InlineData("BREW", 405)]
    [InlineData("GET", 405)]
    [InlineData("", 400)]
    [InlineData("patch it", 400)]
    public async Task A_method_that_is_none_is_refused(string method, int status)
    {
        var path = await _tus.NewAsync(10);
        using var answer = await _tus.SendAsync(HttpMethod.Post, path, null, ("X-HTTP-Method-Override", method));
        await Statuses.ShouldBeAsync(answer, status);
        answer.Headers.TryGetValues("Tus-Resumable", out var version);
        (version is not null || status == 400).ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_that_cannot_be_played_is_refused_with_the_reason_and_is_gone()
    {
        var path = await _tus.NewAsync(SluiceServer.Garbage.Length);
        using var answer = await _tus.PatchAsync(path, 0, System.Text.Encoding.ASCII.GetBytes(SluiceServer.Garbage));
        (await answer.ShouldBeProblemAsync(415, "media-unreadable")).Text("detail").ShouldBe("There is no movie in it.");
        using var head = await _tus.HeadAsync(path);
        head.StatusCode.ShouldBe(HttpStatusCode.Gone);
        using var again = await _tus.PatchAsync(path, 0, [1]);
        (await again.ShouldBeProblemAsync(410, "upload-gone")).Text("detail").ShouldBe("There is no movie in it.");
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
        _server.StoredFiles().ShouldBeEmpty();
    }

    /// <summary>A body without Content-Length.</summary>
    private sealed class Unannounced : HttpContent
    {
        private readonly byte[] _bytes;

        public Unannounced(byte[] bytes)
        {
            _bytes = bytes;
            Headers.ContentType = new(TusCalls.BodyType);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_bytes.AsMemory(0, _bytes.Length / 2));
            await stream.FlushAsync();
            await stream.WriteAsync(_bytes.AsMemory(_bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
