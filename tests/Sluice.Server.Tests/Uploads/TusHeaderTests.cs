using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Headers that no honest client sends: refused before anything is made of them.</summary>
public sealed class TusHeaderTests : IAsyncLifetime
{
    private SluiceServer _server = null!;
    private TusCalls _tus = null!;

    public static TheoryData<string> NoNumbers => ["-1", "+1", "1.5", "0x10", "1e3", " ", "", "9223372036854775808", "99999999999999999999999999", "NaN", "٣", "1 2", "1,1"];

    public async ValueTask InitializeAsync()
    {
        _server = await SluiceServer.StartAsync();
        _tus = new TusCalls(_server.Http);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(NoNumbers))]
    public async Task A_length_that_is_no_number_is_refused(string length)
    {
        using var raw = new RawTus(_server);
        (await raw.AskAsync("POST", TusCalls.Root, $"Upload-Length: {length}")).ShouldStartWith("HTTP/1.1 400");
        Directory.EnumerateFileSystemEntries(Path.Combine(_server.Data, "uploads")).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(NoNumbers))]
    public async Task An_offset_that_is_no_number_is_refused(string offset)
    {
        var path = await _tus.NewAsync(10);
        using var raw = new RawTus(_server);
        (await raw.AskAsync("PATCH", path, $"Upload-Offset: {offset}", $"Content-Type: {TusCalls.BodyType}")).ShouldStartWith("HTTP/1.1 400");
        (await _tus.OffsetAsync(path)).ShouldBe(0);
    }

    [Fact]
    public async Task A_header_that_is_missing_or_comes_twice_is_refused()
    {
        var path = await _tus.NewAsync(10);
        foreach (var (method, target, headers) in ((string, string, string[])[])
        [
            ("POST", TusCalls.Root, []),
            ("POST", TusCalls.Root, ["Upload-Length: 5", "Upload-Length: 5"]),
            ("POST", TusCalls.Root, ["Upload-Length: 5", "Upload-Defer-Length: 1"]),
            ("POST", TusCalls.Root, ["Upload-Defer-Length: 1"]),
            ("POST", TusCalls.Root, ["Upload-Length: 5", "Upload-Metadata: näme YQ=="]),
            ("PATCH", path, [$"Content-Type: {TusCalls.BodyType}"]),
            ("PATCH", path, [$"Content-Type: {TusCalls.BodyType}", "Upload-Offset: 0", "Upload-Offset: 0"]),
            ("PATCH", path, [$"Content-Type: {TusCalls.BodyType}", "Upload-Offset: 0", "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="]),
        ])
        {
            using var raw = new RawTus(_server);
            (await raw.AskAsync(method, target, headers)).ShouldStartWith("HTTP/1.1 400", customMessage: string.Join(" | ", headers));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public async Task A_length_above_the_limit_is_refused_with_the_number(long above)
    {
        var length = above == long.MaxValue ? above : (64L << 30) + above;
        using var answer = await _tus.CreateAsync(length);
        (await answer.ShouldBeProblemAsync(413, "upload-too-large")).Text("detail").ShouldContain($"{64L << 30}");
    }

    [Theory]
    [InlineData("filename !!!")]
    [InlineData("filename YQ")]
    [InlineData("filename YQ== YQ==")]
    [InlineData("filename YQ==,filename YQ==")]
    [InlineData("filename YQ==,,title YQ==")]
    [InlineData("expiresInMinutes LTE=")]
    [InlineData("sha256 YQ==")]
    [InlineData(",")]
    public async Task Metadata_that_is_malformed_is_refused(string metadata)
    {
        using var answer = await _tus.CreateAsync(5, ("Upload-Metadata", metadata));
        await Statuses.ShouldBeAsync(answer, 400);
    }

    [Fact]
    public async Task Metadata_bombs_are_refused_and_make_nothing()
    {
        foreach (var bomb in (string[])
        [
            "filename " + new string('A', 9000),
            string.Join(',', Enumerable.Range(0, 33).Select(n => $"k{n} YQ==")),
            string.Join(',', Enumerable.Range(0, 4000).Select(_ => "a")),
            TusCalls.Metadata(("title", new string('t', 301))),
        ])
        {
            using var answer = await _tus.CreateAsync(5, ("Upload-Metadata", bomb));
            await Statuses.ShouldBeAsync(answer, 400);
        }

        (await _server.App.Services.GetRequiredService<ICatalog>().CountOpenUploadsAsync(default)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task Odd_names_are_only_shown()
    {
        var file = TusCalls.File(10);
        var path = await _tus.NewAsync(file.Length, ("Upload-Metadata", TusCalls.Metadata(("filename", "../../etc/pass\u202Dwd.mp4"))));
        using var _ = await _tus.PatchAsync(path, 0, file);
        (await (await _server.Http.GetAsync($"/api/v1/media/{TusCalls.IdOf(path)}")).JsonAsync()).Text("fileName").ShouldBe("passwd.mp4");
    }

    [Theory]
    [InlineData("md5 XrY7u+Ae7tCTyyK7j1rNww==")]
    [InlineData("sha1")]
    [InlineData("sha1 ")]
    [InlineData("sha1 !!!")]
    [InlineData("sha1 YQ==")]
    [InlineData("sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")]
    [InlineData("SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")]
    public async Task A_checksum_that_is_none_is_refused(string checksum)
    {
        var path = await _tus.NewAsync(11);
        using var answer = await _tus.PatchAsync(path, 0, "hello world"u8.ToArray(), ("Upload-Checksum", checksum));
        await Statuses.ShouldBeAsync(answer, 400);
        (await _tus.OffsetAsync(path)).ShouldBe(0);
    }

    [Theory]
    [InlineData("whole")]
    [InlineData("final")]
    [InlineData("final;")]
    [InlineData("partial;x")]
    [InlineData("final;/elsewhere/0000000000000000")]
    [InlineData("final;ftp://x/api/v1/uploads/0000000000000000")]
    [InlineData("final;/api/v1/uploads/../../secret")]
    [InlineData("final;/api/v1/uploads/0000000000000000")]
    public async Task A_concatenation_of_nothing_is_refused(string concat)
    {
        using var answer = await _tus.SendAsync(HttpMethod.Post, TusCalls.Root, null, ("Upload-Concat", concat));
        await Statuses.ShouldBeAsync(answer, 400);
    }
}
