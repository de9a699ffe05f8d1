using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Creation, creation-with-upload, expiration, checksum and termination of tus 1.0.0.</summary>
public sealed class TusExtensionTests : IAsyncLifetime
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
    public async Task A_creation_says_where_the_upload_is_and_until_when()
    {
        using var answer = await _tus.CreateAsync(100);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        TusCalls.PathOf(answer).ShouldMatch($"^{TusCalls.Root}/[0-9a-z]{{16}}$");
        ExpiryOf(answer).ShouldBe(_server.Clock.GetUtcNow().AddMinutes(1440));
        answer.Header("Tus-Resumable").ShouldBe("1.0.0");
    }

    [Fact]
    public async Task A_creation_may_bring_the_first_bytes()
    {
        var file = TusCalls.File(1000);
        using var created = await _tus.SendAsync(HttpMethod.Post, TusCalls.Root, TusCalls.Body(file[..400]), ("Upload-Length", "1000"));
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        created.Header("Upload-Offset").ShouldBe("400");
        var path = TusCalls.PathOf(created);
        (await _tus.OffsetAsync(path)).ShouldBe(400);
        using var rest = await _tus.PatchAsync(path, 400, file[400..]);
        rest.Header("Sluice-Media-Id").ShouldBe(TusCalls.IdOf(path));
    }

    [Fact]
    public async Task A_creation_may_bring_all_bytes()
    {
        var file = TusCalls.File(1000);
        using var created = await _tus.SendAsync(HttpMethod.Post, TusCalls.Root, TusCalls.Body(file), ("Upload-Length", "1000"));
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        created.Header("Sluice-Media-Id").ShouldBe(TusCalls.IdOf(TusCalls.PathOf(created)));
        created.Header("Upload-Offset").ShouldBe("1000");
    }

    [Theory]
    [InlineData("text/plain", 10, 415)]
    [InlineData(TusCalls.BodyType, 3, 413)]
    public async Task A_creation_with_the_wrong_bytes_is_refused(string type, int length, int status)
    {
        using var created = await _tus.SendAsync(HttpMethod.Post, TusCalls.Root, TusCalls.Body(new byte[5], type), ("Upload-Length", $"{length}"));
        await Statuses.ShouldBeAsync(created, status);
    }

    [Fact]
    public async Task An_empty_file_is_refused_as_one_that_cannot_be_played()
    {
        using var created = await _tus.CreateAsync(0);
        await created.ShouldBeProblemAsync(415, "media-unreadable");
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    public async Task Bytes_of_the_right_checksum_are_kept_and_others_are_not(string algorithm)
    {
        var file = TusCalls.File(600_000);
        var path = await _tus.NewAsync(file.Length);
        using var first = await _tus.PatchAsync(path, 0, file[..300_000], ("Upload-Checksum", Checksum(algorithm, file[..300_000])));
        first.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var broken = file[300_000..];
        broken[150_000] ^= 1;
        using var second = await _tus.PatchAsync(path, 300_000, broken, ("Upload-Checksum", Checksum(algorithm, file[300_000..])));
        await second.ShouldBeProblemAsync(460, "upload-checksum");
        (await _tus.OffsetAsync(path)).ShouldBe(300_000);

        using var third = await _tus.PatchAsync(path, 300_000, file[300_000..], ("Upload-Checksum", Checksum(algorithm, file[300_000..])));
        var media = await (await _server.Http.GetAsync($"/api/v1/media/{third.Header("Sluice-Media-Id")}")).JsonAsync();
        media.Text("sha256").ShouldBe(Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    [Fact]
    public async Task With_a_checksum_nothing_is_kept_of_bytes_that_do_not_all_come()
    {
        var file = TusCalls.File(600_000);
        var path = await _tus.NewAsync(file.Length);
        using var raw = new RawTus(_server);
        await raw.BeginAsync(
            "PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Content-Length: 600000", $"Upload-Checksum: {Checksum("sha1", file)}");
        await raw.SendAsync(file.AsMemory(0, 500_000));
        (await Eventually.Holds(() => Uploaded(path) >= 262_144)).ShouldBeTrue();
        raw.Abort();
        (await Eventually.Holds(() => Uploaded(path) == 0)).ShouldBeTrue();
        (await _tus.OffsetAsync(path)).ShouldBe(0);
    }

    [Fact]
    public async Task The_checksum_of_the_whole_may_be_announced()
    {
        var file = TusCalls.File(600_000);
        var right = Convert.ToHexStringLower(SHA256.HashData(file));
        var wrong = await _tus.NewAsync(file.Length, ("Upload-Metadata", TusCalls.Metadata(("sha256", new string('0', 64)))));
        using var refused = await _tus.PatchAsync(wrong, 0, file);
        (await refused.ShouldBeProblemAsync(460, "upload-checksum")).Text("detail").ShouldContain(right);
        _server.StoredFiles().ShouldBeEmpty();

        var path = await _tus.NewAsync(file.Length, ("Upload-Metadata", TusCalls.Metadata(("sha256", right.ToUpperInvariant()))));
        using var taken = await _tus.PatchAsync(path, 0, file);
        taken.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task What_is_given_up_is_gone_with_its_bytes()
    {
        var path = await _tus.NewAsync(100);
        using var patched = await _tus.PatchAsync(path, 0, new byte[50]);
        using var deleted = await _tus.DeleteAsync(path);
        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        deleted.Header("Tus-Resumable").ShouldBe("1.0.0");
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
        (await _tus.HeadAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await _tus.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await _tus.PatchAsync(path, 50, new byte[50])).StatusCode.ShouldBe(HttpStatusCode.Gone);
    }

    [Fact]
    public async Task An_upload_that_became_a_title_leaves_it_when_it_is_given_up()
    {
        var file = TusCalls.File(10);
        var path = await _tus.NewAsync(file.Length);
        using var patched = await _tus.PatchAsync(path, 0, file);
        (await _tus.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_upload_to_which_nothing_comes_expires_and_is_forgotten_later()
    {
        var path = await _tus.NewAsync(100);
        _server.Clock.Advance(TimeSpan.FromHours(23));
        using var patched = await _tus.PatchAsync(path, 0, new byte[50]);
        ExpiryOf(patched).ShouldBe(_server.Clock.GetUtcNow().AddMinutes(1440), "bytes give it another day");
        _server.Clock.Advance(TimeSpan.FromHours(23));
        (await _tus.OffsetAsync(path)).ShouldBe(50);

        _server.Clock.Advance(TimeSpan.FromHours(2));
        await SweptAsync(async () => (await _tus.HeadAsync(path)).StatusCode == HttpStatusCode.Gone && Uploaded(path) == 0);
        _server.Clock.Advance(TimeSpan.FromHours(25));
        await SweptAsync(async () => (await _tus.HeadAsync(path)).StatusCode == HttpStatusCode.NotFound);
    }

    private static string Checksum(string algorithm, byte[] bytes) =>
        $"{algorithm} {Convert.ToBase64String(CryptographicOperations.HashData(new HashAlgorithmName(algorithm.ToUpperInvariant()), bytes))}";

    private static DateTimeOffset ExpiryOf(HttpResponseMessage answer) =>
        DateTimeOffset.ParseExact(answer.Header("Upload-Expires"), "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private long Uploaded(string path) =>
        new FileInfo(Path.Combine(_server.Data, "uploads", TusCalls.IdOf(path))) is { Exists: true } file ? file.Length : 0;

    /// <summary>Time passes, and the sweeper, which waits for it, looks again and again.</summary>
    private async Task SweptAsync(Func<Task<bool>> holds) => (await Eventually.Holds(() =>
    {
        _server.Clock.Advance(TimeSpan.FromSeconds(30));
        return holds();
    })).ShouldBeTrue();
}
