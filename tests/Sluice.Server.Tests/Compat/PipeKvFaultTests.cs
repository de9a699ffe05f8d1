using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>Whatever is between a node and us: no wrong byte reaches a viewer, and nothing that is not whole passes for it.</summary>
public sealed class PipeKvFaultTests : IAsyncLifetime
{
    private readonly byte[] _bytes = KvNode.Segment(7);
    private KvNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await KvNode.StartAsync();
        _node.Put("a.ts", _bytes);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task What_passes_is_tried_again_and_the_viewer_does_not_know()
    {
        await using var server = await StartAsync();
        _node.Statuses.Enqueue(500);
        _node.Statuses.Enqueue(503);

        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(_bytes);
        _node.Reads.ShouldBe(3);
    }

    [Fact]
    public async Task What_does_not_pass_has_a_status_and_a_reason()
    {
        await using var server = await StartAsync();
        for (var time = 0; time < 3; time++)
        {
            _node.Statuses.Enqueue(500);
        }

        using var answer = await server.Http.GetAsync("/ts/a.ts");
        (await answer.ShouldBeProblemAsync(503, "published-unreachable")).Text("detail").ShouldContain("status 500");
        answer.Headers.RetryAfter.ShouldNotBeNull();
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(_bytes, "nothing of the failure is kept");
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_said_so()
    {
        await using var server = await StartAsync();
        await _node.StopAsync();

        (await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(503, "published-unreachable")).Text("detail").ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task A_node_that_cannot_prove_who_it_is_is_not_believed()
    {
        using var other = new TestCertificate();
        await using var server = await SluiceServer.StartAsync(
            options =>
            {
                _node.Configure(options);
                options.Pipekv.Pin = other.Print;
            },
            builder => builder.Services.AddSingleton(TimeProvider.System));

        var problem = await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(502, "published-unusable");

        problem.Text("detail").ShouldBe("The key-value store cannot prove who it is.");
        server.Logs.Lines.ShouldContain(line => line.Contains("another certificate than the pinned one") && line.Contains(_node.Certificate.Print));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_breaks_off_goes_on_where_it_was(bool hasRanges)
    {
        await using var server = await StartAsync();
        (_node.HasRanges, _node.CutsAfter, _node.Cuts) = (hasRanges, 100_000, 1);

        (await server.Http.GetByteArrayAsync("/ts/a.ts")).ShouldBe(_bytes);

        _node.Asked.Count.ShouldBe(2);
        _node.Asked.Last().StartsWith("GET a.ts bytes=", StringComparison.Ordinal).ShouldBe(hasRanges);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task A_body_that_breaks_off_again_and_again_is_never_taken_for_whole(bool saysVersion, bool saysLength)
    {
        await using var server = await StartAsync();
        (_node.SaysVersion, _node.SaysLength, _node.CutsAfter) = (saysVersion, saysLength, 4096);

        var got = await ReadAsync(server, "/ts/a.ts");

        if (got.Status == HttpStatusCode.OK)
        {
            got.IsWhole.ShouldBeFalse();
            got.Bytes.ShouldBe(_bytes[..got.Bytes.Length]);
        }
        else
        {
            got.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
    }

    [Fact]
    public async Task A_body_that_goes_on_as_another_one_is_cut_and_not_mixed()
    {
        await using var server = await StartAsync();
        (_node.CutsAfter, _node.Cuts, _node.HoldsAfter) = (100_000, 1, 50_000);
        var reading = ReadAsync(server, "/ts/a.ts");
        (await Eventually.Holds(() => _node.Reads == 1)).ShouldBeTrue();
        _node.Put("a.ts", KvNode.Segment(8)); // Of the same length.
        _node.LetGo.SetResult();

        var got = await reading;

        got.IsWhole.ShouldBeFalse();
        got.Bytes.ShouldBe(_bytes[..got.Bytes.Length]);
    }

    [Fact]
    public async Task A_page_in_the_place_of_a_value_is_not_passed_on()
    {
        await using var server = await StartAsync();
        _node.Put("a.m3u8", "{\"error\":\"quota\"}"u8.ToArray());
        (await (await server.Http.GetAsync("/m3u8/a.m3u8")).ShouldBeProblemAsync(502, "published-unusable")).Text("detail").ShouldContain("no playlist");

        _node.Says = "text/html; charset=utf-8";
        (await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(502, "published-unusable")).Text("detail").ShouldContain("web page");
        _node.Says = null;
        _node.Put("empty.ts", []);
        (await (await server.Http.GetAsync("/ts/empty.ts")).ShouldBeProblemAsync(502, "published-unusable")).Text("detail").ShouldContain("empty");
    }

    [Theory]
    [InlineData("application/json", "{\"error\":\"busy\"}", 1)]
    [InlineData("text/plain", "busy", 4)]
    [InlineData("application/octet-stream", "{\"error\":\"busy\"}", 1)]
    [InlineData("application/octet-stream", "{\"error\":\"busy\"}\r\n\t", 16 * 16)]
    [InlineData("application/problem+json", "\u0001\u0002\u0003\u0004", 64)]
    [InlineData("video/mp2t", "\u0001\u0002\u0003\u0004", 65)]
    public async Task An_excuse_in_the_place_of_a_segment_is_not_passed_on_and_not_kept(string type, string said, int times)
    {
        await using var server = await StartAsync();
        _node.Put("b.ts", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(said, times))), type);
        foreach (var saysLength in (bool[])[true, false])
        {
            _node.SaysLength = saysLength;
            (await (await server.Http.GetAsync("/ts/b.ts")).ShouldBeProblemAsync(502, "published-unusable")).Text("detail").ShouldContain("no segment");
        }

        _node.Put("b.ts", _bytes, type);
        (await server.Http.GetByteArrayAsync("/ts/b.ts")).ShouldBe(_bytes, "what is a segment is one, whatever it was called");
    }

    [Fact]
    public async Task An_encrypted_segment_is_passed_on()
    {
        await using var server = await StartAsync();
        using var aes = System.Security.Cryptography.Aes.Create();
        var sealedBytes = aes.EncryptCbc(_bytes, new byte[16]);
        _node.Put("sealed.ts", sealedBytes);

        (await server.Http.GetByteArrayAsync("/ts/sealed.ts")).ShouldBe(sealedBytes);
    }

    [Theory]
    [InlineData("Content-Length: 187900", "middle of a packet")]
    [InlineData("Content-Length: 99999999", "larger than pipekv.mostBytes")]
    [InlineData("Connection: close", "where its answer ends")]
    [InlineData("Content-Length: 188000\r\nContent-Encoding: gzip", "packs its answer")]
    [InlineData("Content-Length: 188000\r\nContent-Length: 187000", "where its answer ends")]
    [InlineData("Content-Length: many", "where its answer ends")]
    public async Task An_answer_of_another_length_than_said_is_refused_before_the_first_byte(string headers, string said)
    {
        byte[] answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n"), .. _bytes];
        await using var liar = await RawKvNode.StartAsync(answer);
        await using var server = await SluiceServer.StartAsync(liar.Configure, builder => builder.Services.AddSingleton(TimeProvider.System));

        (await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(502, "published-unusable")).Text("detail").ShouldContain(said);
    }

    [Fact]
    public async Task A_range_that_is_another_one_is_refused()
    {
        byte[] answer = [.. "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-187999/188000\r\nContent-Length: 188000\r\n\r\n"u8, .. _bytes];
        await using var liar = await RawKvNode.StartAsync(answer);
        await using var server = await SluiceServer.StartAsync(liar.Configure, builder => builder.Services.AddSingleton(TimeProvider.System));

        (await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(502, "published-unusable")).Text("detail").ShouldContain("another part");
    }

    [Fact]
    public async Task A_chunked_body_without_its_end_is_not_whole()
    {
        byte[] answer = [.. "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2de60\r\n"u8, .. _bytes, .. "\r\n"u8]; // 0x2de60 is all of it, and no last chunk.
        await using var liar = await RawKvNode.StartAsync(answer);
        await using var server = await SluiceServer.StartAsync(liar.Configure, builder => builder.Services.AddSingleton(TimeProvider.System));

        (await (await server.Http.GetAsync("/ts/a.ts")).ShouldBeProblemAsync(503, "published-unreachable")).Text("detail").ShouldContain("broke off");
    }

    [Fact]
    public async Task A_drip_is_passed_on_as_it_comes_and_silence_has_an_end()
    {
        await using var server = await SluiceServer.StartAsync(_node.Configure);
        (_node.HoldsAfter, _node.SaysVersion) = (40_960, false);
        using var answer = await server.Http.GetAsync("/ts/a.ts", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var first = new byte[40_960];
        await body.ReadExactlyAsync(first);
        first.ShouldBe(_bytes[..40_960]);

        // The rest never comes.
        var rest = body.ReadAsync(new byte[1]).AsTask();
        (await Eventually.Holds(() =>
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            return rest.IsCompleted;
        })).ShouldBeTrue();
        await Should.ThrowAsync<IOException>(() => rest);
    }

    private static async Task<(HttpStatusCode Status, byte[] Bytes, bool IsWhole)> ReadAsync(SluiceServer server, string path)
    {
        using var answer = await server.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        var all = new MemoryStream();
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.CopyToAsync(all);
            return (answer.StatusCode, all.ToArray(), true);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (answer.StatusCode, all.ToArray(), false);
        }
    }

    private Task<SluiceServer> StartAsync() => SluiceServer.StartAsync(_node.Configure, builder => builder.Services.AddSingleton(TimeProvider.System));
}
