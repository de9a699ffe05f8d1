using System.IO.Pipelines;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>
/// The body that does not end, for one viewer.
/// <code>
///   log's blocks ──▶ response pipe        nothing lies between; a viewer that does not read waits here, and nowhere else
///   too slow     ──▶ newest point, again and again; who needs that too often is sent away, and who takes nothing at all is by the server
///   feed is over ──▶ the body ends as bodies do; one that broke is cut off
/// </code>
/// </summary>
internal sealed class EndlessBody(ChannelVisit visit, TimeProvider clock)
{
    /// <summary>Skips within <see cref="SkipWindow"/> that a viewer is allowed: its line is too thin for this channel.</summary>
    internal const int MostSkips = 5;

    /// <summary>An hour's worth of hiccups is no reason to send somebody away.</summary>
    internal static readonly TimeSpan SkipWindow = TimeSpan.FromMinutes(5);

    /// <summary>A viewer that goes when it has taken nothing for so long was cut off: the server's least rate of an answer says when
    /// (KestrelServerLimits.MinResponseDataRate, 240 bytes a second after 5 s of grace).</summary>
    internal static readonly TimeSpan Stalled = TimeSpan.FromSeconds(5);

    private readonly Queue<long> _skips = new(MostSkips + 1);

    /// <summary>Whether it stopped in the middle: the viewer was too slow, or the feed broke. That must not look like an end, or the player
    /// would not come back.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Sends until the feed is over, the viewer goes, or it is too slow.</summary>
    /// <exception cref="OperationCanceledException">The viewer has gone.</exception>
    public async Task SendAsync(PipeWriter body, CancellationToken ct)
    {
        using var cursor = visit.Feed.Ts.Join(ct);
        var skips = 0;
        while (!cursor.IsOver)
        {
            if (!cursor.TryRead(out var bytes))
            {
                await cursor.WaitAsync();
                continue;
            }

            if (cursor.Skips > skips)
            {
                skips = cursor.Skips;
                visit.Skipped();
                if (IsTooOften())
                {
                    visit.Dropped();
                    IsCut = true;
                    return;
                }
            }

            if (await WriteAsync(body, bytes, ct))
            {
                return;
            }

            visit.Sent(bytes.Length);
        }

        IsCut = visit.Feed.Ts.IsBroken;
    }

    /// <returns>Whether the viewer has gone.</returns>
    private async ValueTask<bool> WriteAsync(PipeWriter body, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        var since = clock.GetTimestamp();
        var hasGone = true;
        try
        {
            return hasGone = (await body.WriteAsync(bytes, ct)).IsCompleted;
        }
        finally
        {
            if (hasGone && clock.GetElapsedTime(since) >= Stalled)
            {
                visit.Dropped();
            }
        }
    }

    private bool IsTooOften()
    {
        while (_skips.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) > SkipWindow)
        {
            _skips.Dequeue();
        }

        _skips.Enqueue(clock.GetTimestamp());
        return _skips.Count > MostSkips;
    }
}
