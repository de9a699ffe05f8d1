using System.Net;
using System.Net.Sockets;
using System.Text;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Uploads;

/// <summary>Requests byte by byte over a socket, with headers that no client library would send, and bodies that stop in their middle.</summary>
internal sealed class RawTus : IDisposable
{
    private readonly TcpClient _client = new();

    public RawTus(SluiceServer server) => _client.Connect(IPAddress.Loopback, server.Http.BaseAddress!.Port);

    /// <summary>Sends a request without a body; answers what comes back.</summary>
    public async Task<string> AskAsync(string method, string path, params string[] headers)
    {
        await BeginAsync(method, path, [.. headers, "Content-Length: 0"]);
        return await RawAnswer.ReadAsync(_client.GetStream(), hasBody: method != "HEAD");
    }

    /// <summary>Sends the head of a request.</summary>
    public async Task BeginAsync(string method, string path, params string[] headers) => await SendAsync(Encoding.UTF8.GetBytes(
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n"));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _client.GetStream().WriteAsync(bytes);

    public Task<string> AnswerAsync() => RawAnswer.ReadAsync(_client.GetStream());

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort()
    {
        _client.LingerState = new LingerOption(true, 0);
        _client.Close();
    }

    public void Dispose() => _client.Dispose();
}
