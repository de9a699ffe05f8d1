using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Live;

/// <summary>A player that takes a segment so slowly that the rest of it has left the log.</summary>
public sealed class LiveFilesTests(LiveSegments segments) : IClassFixture<LiveSegments>
{
    [Fact]
    public async Task What_has_left_the_log_is_cut_off_and_not_ended()
    {
        await using var server = await ChannelServer.StartAsync(segments, speed: 10);
        for (var n = 0; n < 60; n++)
        {
            server.Upstream.Files[$"live/{n}.ts"] = segments.All[n % segments.All.Count];
        }

        var (isGoingOn, first) = (false, 0);
        server.Upstream.Faults["live/index.m3u8"] = async answer =>
        {
            first += Volatile.Read(ref isGoingOn) && first < 54 ? 3 : 0;
            await answer.Response.Body.WriteAsync(ChannelServer.List(first, 6));
            return true;
        };
        server.Set(server.Set("live", "live/index.m3u8") with { BufferBytes = ChannelBounds.LeastBufferBytes });
        var channel = server.Channel("live");
        using var viewer = await channel.VisitAsync(VisitKind.Endless, TestContext.Current.CancellationToken);
        var log = viewer.Feed.Ts;
        (await Eventually.Holds(() => log.Index.Segments.Count(static s => s.End is not null) >= 3)).ShouldBeTrue();
        var segment = log.Index.Segments[1];
        var context = new SlowContext();

        var sending = LiveFiles.SendAsync(context.Http, channel, LiveTrack.TsName, $"{viewer.Feed.First.Segment + segment.Number}.ts");
        sending.IsCompleted.ShouldBeFalse("nobody reads");
        Volatile.Write(ref isGoingOn, true);
        (await Eventually.Holds(() => log.Tail >= segment.End)).ShouldBeTrue();

        var bytes = await context.ReadAsync(sending);

        context.IsAborted.ShouldBeTrue();
        bytes.ShouldBeInRange(1, context.Http.Response.ContentLength!.Value - 1);
    }

    /// <summary>A request whose answer waits until somebody reads it.</summary>
    private sealed class SlowContext : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
    {
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false));

        public SlowContext()
        {
            Http.Features.Set<IHttpResponseBodyFeature>(this);
            Http.Features.Set<IHttpRequestLifetimeFeature>(this);
            Http.Request.Method = HttpMethods.Get;
        }

        public DefaultHttpContext Http { get; } = new();

        public bool IsAborted { get; private set; }

        public PipeWriter Writer => _pipe.Writer;

        public Stream Stream => _pipe.Writer.AsStream();

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;

        /// <summary>Takes what comes until the answer is over.</summary>
        public async Task<long> ReadAsync(Task sending)
        {
            var bytes = 0L;
            var ending = sending.ContinueWith(_ => _pipe.Writer.Complete(), TaskScheduler.Default);
            while (true)
            {
                var read = await _pipe.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);
                bytes += read.Buffer.Length;
                _pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await sending;
                    await ending;
                    return bytes;
                }
            }
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
