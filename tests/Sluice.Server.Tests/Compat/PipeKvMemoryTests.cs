using System.Net.Sockets;
using System.Text;
using Shouldly;
using Sluice.Server.Tests.Store.PipeKv;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Compat;

/// <summary>What viewers cost who take nothing: measured of the whole process, so alone in it.</summary>
[Collection(nameof(Alone))]
public sealed class PipeKvMemoryTests : IAsyncLifetime
{
    private KvNode _node = null!;

    public async ValueTask InitializeAsync() => _node = await KvNode.StartAsync();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData(64 << 20, 1)]
    [InlineData(1000, 402)]
    public async Task Two_hundred_who_take_nothing_need_little_memory(long roomBytes, int mostReads)
    {
        await using var server = await SluiceServer.StartAsync(options =>
        {
            _node.Configure(options);
            options.Pipekv.CacheBytes = roomBytes;
        });
        var bytes = KvNode.Segment(1, packets: 100_000); // 18 MB, of which a socket takes some.
        _node.Put("a.ts", bytes);
        await Drain(server);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var slow = new List<Socket>();
        for (var i = 0; i < 200; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
            await socket.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /ts/a.ts HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            slow.Add(socket);
        }

        var first = new byte[64];
        foreach (var socket in slow)
        {
            await socket.ReceiveAsync(first);
            Encoding.ASCII.GetString(first).ShouldStartWith("HTTP/1.1 200");
        }

        // 200 times the value would be 3.7 GB.
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(100L << 20);
        slow.ForEach(socket => socket.Dispose());
        _node.Reads.ShouldBeLessThanOrEqualTo(mostReads);

        static async Task Drain(SluiceServer server)
        {
            using var answer = await server.Http.GetAsync("/ts/a.ts", HttpCompletionOption.ResponseHeadersRead);
            await answer.Content.CopyToAsync(Stream.Null);
        }
    }
}
