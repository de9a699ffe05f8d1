using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>Whatever fails, the client gets a row of the table and nothing of our insides.</summary>
public sealed class ErrorTests
{
    [Fact]
    public async Task An_unknown_address_is_a_problem()
    {
        await using var server = await SluiceServer.StartAsync();
        await (await server.Http.GetAsync("/no/such/thing")).ShouldBeProblemAsync(404, "route-unknown");
    }

    [Fact]
    public async Task A_wrong_method_says_which_are_right()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.Http.PutAsync("/health", null);
        await response.ShouldBeProblemAsync(405, "method-not-allowed");
        response.Content.Headers.Allow.ShouldContain("GET");
    }

    [Fact]
    public async Task A_wrong_parameter_is_a_problem()
    {
        await using var server = await SluiceServer.StartAsync();
        await (await server.Http.GetAsync("/api/v1/media?limit=many")).ShouldBeProblemAsync(400, "request-invalid");
    }

    [Fact]
    public async Task A_mistake_of_ours_is_logged_whole_and_told_without_insides()
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.UploadAsync("BOOM");
        var body = await response.ShouldBeProblemAsync(500, "internal");
        body.ToString().ShouldNotContain("secret");
        server.Logs.Lines.ShouldContain(line => line.Contains("/some/secret/path", StringComparison.Ordinal));
        server.StoredFiles().ShouldBe([]);
    }

    [Fact]
    public async Task A_body_that_is_no_form_is_a_problem()
    {
        await using var server = await SluiceServer.StartAsync();
        using var json = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await server.Http.PostAsync("/api/v1/media", json);
        ((int)response.StatusCode).ShouldBeOneOf(415, 422);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task Bytes_that_are_no_http_do_not_hurt()
    {
        await using var server = await SluiceServer.StartAsync();
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port);
            await socket.GetStream().WriteAsync("\0\u0001garbage\r\n\r\n"u8.ToArray());
            var answer = new byte[200];
            var length = await socket.GetStream().ReadAsync(answer);
            Encoding.ASCII.GetString(answer, 0, length).ShouldStartWith("HTTP/1.1 400");
        }

        (await server.Http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Codes_are_unique_and_every_row_is_listed()
    {
        ErrorCode.All.Select(row => row.Code).ShouldBeUnique();
        var fields = typeof(ErrorCode).GetFields().Where(field => field.FieldType == typeof(ErrorCode));
        fields.Select(field => (ErrorCode)field.GetValue(null)!).ShouldBe(ErrorCode.All, ignoreOrder: true);
    }
}
