using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Bench;

/// <summary>Sends a file as the body of a request straight from the page cache (<c>sendfile</c>), so that the client costs as little as may be
/// and the same for every server.</summary>
internal static class RawUpload
{
    /// <summary>Sends, and waits for the answer.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="request">Method, path and headers, each ending in a line break; without Host and Content-Length.</param>
    /// <param name="file">The file.</param>
    /// <param name="before">What stands before it in the body.</param>
    /// <param name="after">What stands behind it.</param>
    /// <param name="expected">The status that the answer has to have.</param>
    /// <returns>From the first byte of the request to the answer.</returns>
    public static async Task<TimeSpan> SendAsync(Uri server, string request, string file, string before, string after, int expected)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        var (head, tail) = (Encoding.ASCII.GetBytes(before), Encoding.ASCII.GetBytes(after));
        var began = Stopwatch.GetTimestamp();
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"{request}Host: 127.0.0.1\r\nConnection: close\r\nContent-Length: {head.Length + new FileInfo(file).Length + tail.Length}\r\n\r\n"));
        await socket.SendFileAsync(file, head, tail, TransmitFileOptions.UseDefaultWorkerThread);
        var answer = new byte[4096];
        var length = await socket.ReceiveAsync(answer);
        var took = Stopwatch.GetElapsedTime(began);
        var status = Encoding.ASCII.GetString(answer, 0, length).Split(' ').ElementAtOrDefault(1);
        return status == $"{expected}" ? took : throw new InvalidOperationException($"Answered: {Encoding.ASCII.GetString(answer, 0, length)}");
    }
}
