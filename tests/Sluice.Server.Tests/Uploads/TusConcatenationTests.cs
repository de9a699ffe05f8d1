using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Concatenation of tus 1.0.0: parts that come side by side become one upload.</summary>
public sealed class TusConcatenationTests : IAsyncLifetime
{
    private readonly byte[] _file = TusCalls.File(900_000);
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await SluiceServer.StartAsync();
        _tus = new TusCalls(_server.Http);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parts_become_one_title_in_their_order(bool absolute)
    {
        var parts = await PartsAsync(400_000, 0, 500_000);
        using var head = await _tus.HeadAsync(parts[0]);
        head.Header("Upload-Concat").ShouldBe("partial");
        head.Headers.Contains("Sluice-Media-Id").ShouldBeFalse();
        _server.StoredFiles().ShouldBeEmpty();

        var home = absolute ? _server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : "";
        using var joined = await JoinAsync(parts.Select(p => home + p));
        joined.StatusCode.ShouldBe(HttpStatusCode.Created);
        var path = TusCalls.PathOf(joined);
        var media = await (await _server.Http.GetAsync($"/api/v1/media/{joined.Header("Sluice-Media-Id")}")).JsonAsync();
        (media.Text("id"), media.Text("title")).ShouldBe((TusCalls.IdOf(path), "whole"));
        media.Text("sha256").ShouldBe(Convert.ToHexStringLower(SHA256.HashData(_file)));
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();

        using var whole = await _tus.HeadAsync(path);
        (whole.Header("Upload-Offset"), whole.Header("Upload-Length")).ShouldBe(("900000", "900000"));
        whole.Header("Upload-Concat").ShouldBe("final;" + string.Join(' ', parts));
    }

    [Fact]
    public async Task Asked_for_once_more_it_is_the_same_upload()
    {
        var parts = await PartsAsync(450_000, 450_000);
        using var first = await JoinAsync(parts);
        foreach (var part in parts)
        {
            (await _tus.OffsetAsync(part)).ShouldBe(450_000, "a client that goes on after a lost answer asks for its parts again");
        }

        using var again = await JoinAsync(parts);
        again.StatusCode.ShouldBe(HttpStatusCode.Created);
        TusCalls.PathOf(again).ShouldBe(TusCalls.PathOf(first));
        again.Header("Sluice-Media-Id").ShouldBe(first.Header("Sluice-Media-Id"));
        (await (await _server.Http.GetAsync("/api/v1/media")).JsonAsync()).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task An_upload_that_was_made_of_parts_takes_no_bytes()
    {
        using var joined = await JoinAsync(await PartsAsync(900_000));
        using var patched = await _tus.PatchAsync(TusCalls.PathOf(joined), 900_000, []);
        await patched.ShouldBeProblemAsync(403, "upload-final");
    }

    [Fact]
    public async Task What_is_no_whole_part_is_not_joined_and_stays()
    {
        var parts = await PartsAsync(400_000, 500_000);
        var half = await _tus.NewAsync(10, ("Upload-Concat", "partial"));
        var ordinary = await _tus.NewAsync(10);
        foreach (var wrong in (string[][])[[parts[0], half], [parts[0], ordinary], [parts[0], parts[0]], [parts[0], TusCalls.Root + "/0000000000000000"]])
        {
            using var refused = await JoinAsync(wrong);
            await Statuses.ShouldBeAsync(refused, 400);
        }

        using var joined = await JoinAsync(parts);
        joined.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var stolen = await JoinAsync([parts[1], parts[0]]);
        await Statuses.ShouldBeAsync(stolen, 400);
    }

    [Fact]
    public async Task A_length_beside_parts_is_refused()
    {
        var parts = await PartsAsync(900_000);
        using var refused = await _tus.CreateAsync(900_000, ("Upload-Concat", "final;" + parts[0]));
        await Statuses.ShouldBeAsync(refused, 400);
    }

    [Fact]
    public async Task Parts_that_are_too_large_together_are_refused_with_the_number()
    {
        await using var small = await SluiceServer.StartAsync(options => options.Ingest.MaxUploadBytes = 10);
        var tus = new TusCalls(small.Http);
        var parts = new List<string>();
        for (var n = 0; n < 2; n++)
        {
            parts.Add(await tus.NewAsync(6, ("Upload-Concat", "partial")));
            using var _ = await tus.PatchAsync(parts[n], 0, new byte[6]);
        }

        using var refused = await tus.SendAsync(HttpMethod.Post, TusCalls.Root, null, ("Upload-Concat", "final;" + string.Join(' ', parts)));
        (await refused.ShouldBeProblemAsync(413, "upload-too-large")).Text("detail").ShouldContain("10");
    }

    private Task<HttpResponseMessage> JoinAsync(IEnumerable<string> parts) => _tus.SendAsync(
        HttpMethod.Post, TusCalls.Root, null,
        ("Upload-Concat", "final;" + string.Join(' ', parts)), ("Upload-Metadata", TusCalls.Metadata(("title", "whole"))));

    private async Task<string[]> PartsAsync(params int[] lengths)
    {
        var paths = new List<string>();
        var start = 0;
        foreach (var length in lengths)
        {
            var path = await _tus.NewAsync(length, ("Upload-Concat", "partial"));
            using var patched = await _tus.PatchAsync(path, 0, _file[start..(start + length)]);
            patched.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            patched.Headers.Contains("Sluice-Media-Id").ShouldBeFalse();
            start += length;
            paths.Add(path);
        }

        return [.. paths];
    }
}
