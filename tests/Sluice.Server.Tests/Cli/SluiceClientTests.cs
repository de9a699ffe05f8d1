using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Cli;
using Sluice.Server.Tests.Outbound;
using Xunit;

namespace Sluice.Server.Tests.Cli;

public sealed class SluiceClientTests : IDisposable
{
    private const string Published = """{"id":"abc","adminKey":"k","reason":null,"playback":{"watch":"http://x/watch/abc?token=t"}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-client").FullName;

    [Fact]
    public async Task Sends_the_file_as_it_is_under_its_own_name()
    {
        var bytes = new byte[300_000];
        new Random(7).NextBytes(bytes);
        var file = Write("Ärger & \"Spaß\" 日本.mp4", bytes);
        var (name, query, authorization, received) = ("", "", "", Array.Empty<byte>());
        await using var server = await ApiStub.StartAsync(async context =>
        {
            var media = (await context.Request.ReadFormAsync()).Files.GetFile("media")!;
            (name, query, authorization) = (media.FileName, context.Request.QueryString.Value!, context.Request.Headers.Authorization.ToString());
            using var copy = new MemoryStream();
            await media.CopyToAsync(copy);
            received = copy.ToArray();
            await ApiStub.JsonAsync(context, 201, Published);
        });
        var progress = new List<long>();

        using var client = new SluiceClient(server.Url, "secret-key");
        var media = await client.AddAsync(file, "a & b", 90, progress.Add, default);

        media.ShouldBe(new PublishedMedia("abc", "http://x/watch/abc?token=t", "k", null));
        name.ShouldBe(file.Name);
        query.ShouldBe("?title=a%20%26%20b&expiresInMinutes=90");
        authorization.ShouldBe("Bearer secret-key");
        received.ShouldBe(bytes);
        progress.ShouldBeInOrder();
        progress[^1].ShouldBe(bytes.Length);
    }

    /// <summary>As a server does that is killed just then: .NET throws a bare SocketException for one in some hundred.</summary>
    [Fact]
    public async Task Whoever_resets_the_connection_at_once_does_not_answer()
    {
        await using var server = new ResettingServer();
        using var client = new SluiceClient(new Uri($"http://127.0.0.1:{server.Port}/"), null);

        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), async (_, ct) =>
            (await Should.ThrowAsync<Exception>(() => client.ImportAsync("i", ct))).GetType().ShouldBeOneOf(typeof(NoServerException), typeof(HttpRequestException)));
    }

    [Fact]
    public async Task Without_title_and_life_nothing_is_said_of_them()
    {
        var query = "?";
        await using var server = await ApiStub.StartAsync(async context =>
        {
            query = context.Request.QueryString.Value;
            await context.Request.Body.CopyToAsync(Stream.Null);
            await ApiStub.JsonAsync(context, 201, Published);
        });

        using var client = new SluiceClient(server.Url, null);
        await client.AddAsync(Write("a.mp4", [1]), null, null, _ => { }, default);

        query.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_before_the_body_costs_no_upload()
    {
        await using var server = await ApiStub.StartAsync(context =>
            ApiStub.ProblemAsync(context, 401, "A key is needed.", "Send it."));
        long sent = 0;

        using var client = new SluiceClient(server.Url, null);
        var refusal = await Should.ThrowAsync<CommandException>(() =>
            client.AddAsync(Write("a.mp4", new byte[50_000_000]), null, null, s => sent = s, default));

        refusal.Message.ShouldBe("A key is needed.");
        refusal.Hint.ShouldBe("Send it.");
        sent.ShouldBe(0);
    }

    [Fact]
    public async Task A_refusal_amid_the_body_is_told_with_its_reason()
    {
        await using var server = await ApiStub.StartAsync(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1_000_000]);
            await ApiStub.ProblemAsync(context, 507, "The disk became full.", "Free some space.");
        });

        using var client = new SluiceClient(server.Url, null);
        var refusal = await Should.ThrowAsync<CommandException>(() =>
            client.AddAsync(Write("a.mp4", new byte[80_000_000]), null, null, _ => { }, default));

        refusal.Message.ShouldBe("The disk became full.");
    }

    [Fact]
    public async Task A_title_that_cannot_be_played_comes_with_its_reason()
    {
        await using var server = await ApiStub.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await ApiStub.JsonAsync(context, 201, """{"id":"abc","playback":null,"reason":"browsers cannot play ProRes"}""");
        });

        using var client = new SluiceClient(server.Url, null);
        var media = await client.AddAsync(Write("a.mov", [1]), null, null, _ => { }, default);

        media.ShouldBe(new PublishedMedia("abc", null, null, "browsers cannot play ProRes"));
    }

    [Fact]
    public async Task A_new_link_is_asked_for_with_the_admin_key()
    {
        var (path, key, body) = ("", "", "");
        await using var server = await ApiStub.StartAsync(async context =>
        {
            (path, key) = (context.Request.Path.Value!, context.Request.Headers["X-Admin-Key"].ToString());
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await ApiStub.JsonAsync(context, 201, """{"watch":"http://x/watch/abc?token=u"}""");
        });

        using var client = new SluiceClient(server.Url, null);
        var link = await client.NewLinkAsync("abc", "admin", 15, default);

        link.ShouldBe("http://x/watch/abc?token=u");
        path.ShouldBe("/api/v1/media/abc/tokens");
        key.ShouldBe("admin");
        body.ShouldBe("""{"expiresInMinutes":15}""");
    }

    [Theory]
    [InlineData(502, "<html>bad gateway</html>", "The server answered 502.")]
    [InlineData(500, "[]", "The server answered 500.")]
    [InlineData(404, """{"title":"There is no such media."}""", "There is no such media.")]
    public async Task Any_answer_that_is_no_success_is_a_refusal(int status, string body, string message)
    {
        await using var server = await ApiStub.StartAsync(context => ApiStub.JsonAsync(context, status, body));

        using var client = new SluiceClient(server.Url, null);
        (await Should.ThrowAsync<CommandException>(() => client.NewLinkAsync("abc", null, null, default))).Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("<html>welcome</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Something_else_at_that_address_is_named(string body)
    {
        await using var server = await ApiStub.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await ApiStub.JsonAsync(context, 200, body);
        });
        var message = $"What answers at {server.Url.ToString().TrimEnd('/')} is not a Sluice server.";

        using var client = new SluiceClient(server.Url, null);
        (await Should.ThrowAsync<NoServerException>(() => client.NewLinkAsync("abc", null, null, default))).Message.ShouldBe(message);
        (await Should.ThrowAsync<NoServerException>(() =>
            client.AddAsync(Write("a.mp4", [1]), null, null, _ => { }, default))).Message.ShouldBe(message);
    }

    [Theory]
    [InlineData("token", "--minutes", "0")]
    [InlineData("token", "--minutes", "-5")]
    [InlineData("add", "--expires-in", "0")]
    public async Task Minutes_below_one_are_refused_before_any_server_is_asked(string command, string option, string minutes)
    {
        var (code, _, errors) = await SluiceProcess.RunAsync([command, "abc", option, minutes, "--server", "http://127.0.0.1:1"]);

        code.ShouldBe(1);
        errors.ShouldContain($"{option} must be 1 or more, not {minutes}.");
        errors.ShouldNotContain("No server answers");
    }

    [Fact]
    public async Task Nobody_at_that_address_is_named()
    {
        const string url = "http://127.0.0.1:1";

        using var client = new SluiceClient(new Uri(url), null);
        (await Should.ThrowAsync<CommandException>(() => client.NewLinkAsync("abc", null, null, default))).Message
            .ShouldBe($"No server answers at {url}.");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private FileInfo Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return new FileInfo(path);
    }
}
