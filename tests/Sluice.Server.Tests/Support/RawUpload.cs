using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Server.Tests.Support;

/// <summary>An upload byte by byte over a socket, for clients that do not behave.</summary>
internal sealed class RawUpload : IDisposable
{
    private const string Boundary = "----b0und4ry";
    private readonly TcpClient _client = new();

    public static string FileHead =>
        $"--{Boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4\r\n\r\n";

    public static string Tail => $"\r\n--{Boundary}--\r\n";

    /// <summary>Sends the header of a POST that announces <paramref name="contentLength"/> bytes.</summary>
    public async Task OpenAsync(SluiceServer server, long contentLength, string path = "/api/v1/media")
    {
        await _client.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port);
        await SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary={Boundary}\r\n" +
            $"Content-Length: {contentLength}\r\n\r\n");
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>Says that nothing more will come; the connection stays open for an answer.</summary>
    public void EndSending() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>What the server says.</summary>
    public Task<string> AnswerAsync() => RawAnswer.ReadAsync(_client.GetStream());

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort()
    {
        _client.LingerState = new LingerOption(true, 0);
        _client.Close();
    }

    public void Dispose() => _client.Dispose();
}
