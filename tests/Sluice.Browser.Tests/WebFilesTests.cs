using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Browser.Tests.Support;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Browser.Tests;

/// <summary>The files of the web app as they are sent: compressed by their build, and kept as long as that is the same.</summary>
public sealed partial class WebFilesTests(BrowserSuite suite)
{
    private SluiceServer Server => suite.Server;

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("br;q=0.1, gzip", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *;q=0.5", "gzip")]
    [InlineData("identity", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("deflate, nonsense=", null)]
    [InlineData(null, null)]
    public async Task A_script_comes_as_the_client_likes_it_best(string? accepted, string? coding)
    {
        Requirements.Demand();
        var plain = await Server.Http.GetByteArrayAsync(await ScriptAsync());
        using var answer = await AskAsync(await ScriptAsync(), accepted);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.Vary.ShouldContain("Accept-Encoding");
        answer.Headers.CacheControl.ShouldNotBeNull().ToString().ShouldContain("immutable");
        answer.Content.Headers.ContentType.ShouldNotBeNull().MediaType.ShouldBe("text/javascript");
        answer.Content.Headers.ContentEncoding.ShouldBe(coding is null ? [] : [coding]);
        var body = await answer.Content.ReadAsByteArrayAsync();
        answer.Content.Headers.ContentLength.ShouldBe(body.Length);
        Unpacked(body, coding).ShouldBe(plain);
        (body.Length < plain.Length / 2).ShouldBe(coding is not null);
    }

    [Fact]
    public async Task Each_coding_has_its_own_tag_and_is_asked_for_by_it()
    {
        Requirements.Demand();
        var script = await ScriptAsync();
        var tags = new List<string>();
        foreach (var coding in (string[])["br", "gzip", "identity"])
        {
            using var answer = await AskAsync(script, coding);
            tags.Add(answer.Headers.ETag.ShouldNotBeNull().ToString());
            using var again = await AskAsync(script, coding, tags[^1]);
            again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
            again.Headers.ETag!.ToString().ShouldBe(tags[^1]);
        }

        tags.Distinct().Count().ShouldBe(3);
        using var other = await AskAsync(script, "gzip", tags[0]);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pages_are_asked_for_again_and_have_another_tag_under_another_policy()
    {
        Requirements.Demand();
        using var page = await AskAsync("/upload", "gzip");
        page.Headers.CacheControl.ShouldNotBeNull().NoCache.ShouldBeTrue();
        page.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        using var same = await AskAsync("/upload", "gzip", page.Headers.ETag!.ToString());
        same.StatusCode.ShouldBe(HttpStatusCode.NotModified);

        // A browser keeps the policy that came with the body.
        using var framed = await AskAsync("/embed/aaaaaaaaaaaa", "gzip", page.Headers.ETag!.ToString());
        framed.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var home = await AskAsync("/", "gzip");
        home.Headers.Vary.ShouldBe(["Accept", "Accept-Encoding"], ignoreOrder: true);
    }

    [Fact]
    public async Task Compressed_files_have_no_address_of_their_own()
    {
        Requirements.Demand();
        using var answer = await Server.Http.GetAsync(await ScriptAsync() + ".gz");
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static byte[] Unpacked(byte[] body, string? coding)
    {
        using var packed = new MemoryStream(body);
        using Stream stream = coding switch
        {
            "br" => new System.IO.Compression.BrotliStream(packed, System.IO.Compression.CompressionMode.Decompress),
            "gzip" => new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Decompress),
            _ => packed,
        };
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>The path of the script that every page begins with.</summary>
    private async Task<string> ScriptAsync()
    {
        using var page = await AskAsync("/upload", null);
        return Script().Match(await page.Content.ReadAsStringAsync()).Groups["path"].Value;
    }

    private Task<HttpResponseMessage> AskAsync(string path, string? accepted, string? tag = null)
    {
        (string, string)[] headers = [("Accept", "text/html"), .. accepted is null ? [] : ((string, string)[])[("Accept-Encoding", accepted)], .. tag is null ? [] : ((string, string)[])[("If-None-Match", tag)]];
        return Server.SendAsync(HttpMethod.Get, path, headers: headers);
    }

    [GeneratedRegex("src=\"(?<path>/assets/[^\"]+\\.js)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Script();
}
