using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Outbound;
using Sluice.Server.Tests.Cli;
using Xunit;

namespace Sluice.Server.Tests.Outbound;

/// <summary>What one fetch does and does not, against real servers on loopback, which are allowed by name.</summary>
public sealed class OutboundFetcherTests
{
    private static readonly OutboundLimits Hasty = new() { Header = TimeSpan.FromMilliseconds(300), Idle = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task A_part_of_a_file_is_asked_for_if_it_is_still_the_same()
    {
        await using var origin = await ApiStub.StartAsync(context =>
        {
            context.Request.Headers.Range.ToString().ShouldBe("bytes=5-9");
            context.Request.Headers.IfRange.ToString().ShouldBe("\"v1\"");
            context.Request.Headers.AcceptEncoding.ToString().ShouldBe("identity");
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = "bytes 5-9/100";
            context.Response.Headers.ETag = "\"v1\"";
            return context.Response.WriteAsync("hello");
        });
        using var fetcher = Fetcher();

        await using var response = await fetcher.SendAsync(new OutboundRequest(Url(origin)) { FromByte = 5, ToByte = 9, IfRange = "\"v1\"" }, default);

        (response.Status, response.FromByte, response.WholeBytes, response.Validator).ShouldBe((206, 5L, 100L, "\"v1\""));
        (await TextAsync(response)).ShouldBe("hello");
    }

    [Fact]
    public async Task Only_the_head_is_asked_for()
    {
        await using var origin = await ApiStub.StartAsync(context =>
        {
            context.Request.Method.ShouldBe("HEAD");
            context.Response.ContentLength = 123;
            return Task.CompletedTask;
        });
        using var fetcher = Fetcher();

        await using var response = await fetcher.SendAsync(new OutboundRequest(Url(origin)) { IsHead = true }, default);

        (response.Status, response.LengthBytes).ShouldBe((200, 123L));
    }

    [Fact]
    public async Task Redirects_are_followed_to_the_last_and_that_is_told()
    {
        await using var origin = await ApiStub.StartAsync(context =>
        {
            var left = int.Parse(context.Request.Path.Value![1..], null);
            context.Response.StatusCode = left == 0 ? 200 : 307;
            context.Response.Headers.Location = left == 0 ? default : $"/{left - 1}";
            return Task.CompletedTask;
        });
        using var fetcher = Fetcher();

        await using (var response = await fetcher.SendAsync(new OutboundRequest(Url(origin, "10")), default))
        {
            response.Status.ShouldBe(200);
            response.Url.Address.AbsolutePath.ShouldBe("/0");
        }

        (await FailsAsync(fetcher, Url(origin, "11"))).ShouldBe(OutboundFailure.TooManyRedirects);
    }

    [Fact]
    public async Task Secrets_stay_with_the_server_that_they_were_for()
    {
        var seen = new List<string>();
        Task Note(HttpContext context)
        {
            seen.Add($"{context.Request.Path} {context.Request.Headers.Authorization} {context.Request.Headers["X-Secret"]}");
            return Task.CompletedTask;
        }

        await using var other = await ApiStub.StartAsync(Note);
        await using var origin = await ApiStub.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/end" ? 200 : 302;
            context.Response.Headers.Location = context.Request.Path.Value switch
            {
                "/same" => "/end",
                "/other" => $"{other.Url}elsewhere",
                "/user" => $"http://their:own@127.0.0.1:{other.Url.Port}/theirs",
                _ => default(string?),
            };
            return Note(context);
        });
        using var fetcher = Fetcher();
        foreach (var path in (string[])["same", "other", "user"])
        {
            OutboundUrl.TryParse($"http://me:word@127.0.0.1:{origin.Url.Port}/{path}", out var url).ShouldBeTrue();
            await using var response = await fetcher.SendAsync(new OutboundRequest(url!) { Headers = [new("X-Secret", "42")] }, default);
        }

        var (mine, theirs) = (Basic("me:word"), Basic("their:own"));
        seen.ShouldBe(
            [$"/same {mine} 42", $"/end {mine} 42", $"/other {mine} 42", "/elsewhere  ", $"/user {mine} 42", $"/theirs {theirs} "]);

        static string Basic(string user) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(user));
    }

    [Fact]
    public async Task No_cookie_is_kept_and_nothing_is_unpacked()
    {
        var cookies = new List<string>();
        await using var origin = await ApiStub.StartAsync(async context =>
        {
            cookies.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Headers.SetCookie = "a=b";
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.WriteAsync("not unpacked");
        });
        using var fetcher = Fetcher();
        for (var time = 0; time < 2; time++)
        {
            await using var response = await fetcher.SendAsync(new OutboundRequest(Url(origin)), default);
            (await TextAsync(response)).ShouldBe("not unpacked");
        }

        cookies.ShouldBe(["", ""]);
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_not_asked()
    {
        await using var canary = new Canary();
        await using var origin = await ApiStub.StartAsync(context => context.Response.WriteAsync("direct"));
        var before = HttpClient.DefaultProxy;

        // What the environment says is read once for the process; this is where it ends up. Other tests ask loopback, which is left out.
        HttpClient.DefaultProxy = new WebProxy(new Uri($"http://127.0.0.1:{canary.Port}"), BypassOnLocal: true);
        try
        {
            using var fetcher = Fetcher();
            OutboundUrl.TryParse($"http://origin.example:{origin.Url.Port}/", out var url).ShouldBeTrue();
            await using var response = await fetcher.SendAsync(new OutboundRequest(url!) { Headers = [new("Host", "127.0.0.1")] }, default);
            (await TextAsync(response)).ShouldBe("direct");
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }

        canary.Visits.ShouldBe(0);
    }

    [Fact]
    public async Task A_body_that_is_too_large_ends_there()
    {
        await using var origin = await ApiStub.StartAsync(context => context.Response.WriteAsync(new string('x', 1000)));
        using var fetcher = Fetcher();
        await using var enough = await fetcher.SendAsync(new OutboundRequest(Url(origin)) { Limits = new() { MaxBytes = 1000 } }, default);
        (await TextAsync(enough)).Length.ShouldBe(1000);

        await using var less = await fetcher.SendAsync(new OutboundRequest(Url(origin)) { Limits = new() { MaxBytes = 999 } }, default);
        (await Should.ThrowAsync<OutboundException>(() => TextAsync(less))).Failure.ShouldBe(OutboundFailure.TooLarge);
    }

    [Fact]
    public async Task Silence_has_an_end_before_the_header_and_within_the_body()
    {
        await using var origin = await ApiStub.StartAsync(async context =>
        {
            if (context.Request.Path == "/body")
            {
                await context.Response.WriteAsync("begun");
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var fetcher = Fetcher();
        (await FailsAsync(fetcher, Url(origin, "header"), Hasty)).ShouldBe(OutboundFailure.TimedOut);

        await using var response = await fetcher.SendAsync(new OutboundRequest(Url(origin, "body")) { Limits = Hasty with { Header = TimeSpan.FromSeconds(20) } }, default);
        (await Should.ThrowAsync<OutboundException>(() => TextAsync(response))).Failure.ShouldBe(OutboundFailure.TimedOut);
    }

    [Fact]
    public async Task A_body_that_drips_has_an_end_too()
    {
        await using var origin = await ApiStub.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("x");
                await context.Response.Body.FlushAsync();
                await Task.Delay(20);
            }
        });
        using var fetcher = Fetcher();
        await using var response = await fetcher.SendAsync(new OutboundRequest(Url(origin)) { Limits = new() { Total = TimeSpan.FromSeconds(2) } }, default);

        (await Should.ThrowAsync<OutboundException>(() => TextAsync(response))).Failure.ShouldBe(OutboundFailure.TimedOut);
    }

    [Fact]
    public async Task A_body_that_ends_early_is_broken_and_not_short()
    {
        await using var liar = new Canary("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        using var fetcher = Fetcher();
        await using var response = await fetcher.SendAsync(new OutboundRequest(Local(liar.Port)), default);

        (await Should.ThrowAsync<OutboundException>(() => TextAsync(response))).Failure.ShouldBe(OutboundFailure.Broken);
    }

    [Fact]
    public async Task Bytes_behind_the_announced_length_are_not_part_of_it()
    {
        await using var liar = new Canary("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthis and more");
        using var fetcher = Fetcher();
        await using var response = await fetcher.SendAsync(new OutboundRequest(Local(liar.Port)), default);

        (await TextAsync(response)).ShouldBe("this ");
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("HTTP/1.1 twohundred OK\r\n\r\n")]
    public async Task What_is_no_answer_is_said_so(string answer)
    {
        await using var liar = new Canary(answer);
        using var fetcher = Fetcher();

        (await FailsAsync(fetcher, Local(liar.Port))).ShouldBe(OutboundFailure.Unintelligible);
    }

    [Fact]
    public async Task A_header_without_end_is_not_read_to_its_end()
    {
        await using var liar = new Canary("HTTP/1.1 200 OK\r\nX-Much: " + new string('x', 100_000) + "\r\n\r\n");
        using var fetcher = Fetcher();

        (await FailsAsync(fetcher, Local(liar.Port))).ShouldBe(OutboundFailure.Unintelligible);
    }

    /// <summary>.NET throws two kinds of exceptions for it, by chance; one in some hundred is not of HTTP.</summary>
    [Fact]
    public async Task Whoever_resets_the_connection_at_once_is_not_reached()
    {
        await using var origin = new ResettingServer();
        using var fetcher = Fetcher();

        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), async (_, _) => (await FailsAsync(fetcher, Local(origin.Port))).ShouldBe(OutboundFailure.Unreachable));
    }

    [Fact]
    public async Task Who_cancels_is_told_so()
    {
        await using var origin = await ApiStub.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var fetcher = Fetcher();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<OperationCanceledException>(() => fetcher.SendAsync(new OutboundRequest(Url(origin)), soon.Token));
    }

    private static OutboundFetcher Fetcher()
    {
        var options = new SluiceOptions();
        options.Outbound.Allow = ["127.0.0.1/32"];
        return new OutboundFetcher(new CheckedConnector(options, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), TimeProvider.System), TimeProvider.System);
    }

    private static OutboundUrl Local(int port) => OutboundUrl.TryParse($"http://127.0.0.1:{port}/", out var url) ? url : throw new InvalidOperationException();

    private static OutboundUrl Url(ApiStub origin, string path = "clip.mp4") => Local(origin.Url.Port).Follow("/" + path)!;

    private static async Task<OutboundFailure> FailsAsync(OutboundFetcher fetcher, OutboundUrl url, OutboundLimits? limits = null) =>
        (await Should.ThrowAsync<OutboundException>(() => fetcher.SendAsync(new OutboundRequest(url) { Limits = limits ?? new() }, default))).Failure;

    private static async Task<string> TextAsync(OutboundResponse response)
    {
        using var reader = new StreamReader(response.Body);
        return await reader.ReadToEndAsync();
    }
}
