using Sluice.Server.Outbound;

namespace Sluice.Server.Live;

/// <summary>Why an upstream gives nothing more.</summary>
/// <param name="Reason">In words for a person; null when it has simply come to its end.</param>
internal sealed record UpstreamEnd(string? Reason)
{
    /// <summary>It was complete from the first, and all of it was shown.</summary>
    public bool IsFilm { get; init; }

    /// <summary>Nothing can be made of what it sends, and to fetch that again would not help.</summary>
    public bool IsRefused { get; init; }
}

/// <summary>
/// Follows one HLS URL until it ends or is of no use any more.
/// <code>
/// 1 open      a multivariant playlist, its variant by policy; or a media playlist
/// 2 follow    the media playlist, and that of the audio if it has one
/// 3 turn      to the same at another place, when it breaks (RFC 8216 section 6.2.4.1); when there is none, that is the end
/// </code>
/// </summary>
internal sealed class HlsUpstream(OutboundFetcher outbound, UpstreamManner manner, ISegmentSinks sinks, TimeProvider clock)
{
    /// <summary>Audio takes a part of what the picture takes, in bytes and so in downloads.</summary>
    private const int AudioShare = 4;

    /// <summary>Most that a download holds when nobody counts.</summary>
    private const long HeldBytesUncounted = 2 << 20;

    private static readonly TimeSpan BeforeAudioAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAudioPause = TimeSpan.FromSeconds(10);

    /// <summary>Times in a row that the audio may be asked for in vain before the video is shown without.</summary>
    private const int MostSilences = 4;

    /// <summary>How long the end of a film waits for its audio.</summary>
    private static readonly TimeSpan MostAudioAfter = TimeSpan.FromSeconds(10);

    private readonly PlaylistTracker _heard = new();

    /// <summary>What was made of the loads. One that was in use before goes on where it was.</summary>
    public PlaylistTracker Tracker { get; init; } = new();

    /// <summary>Segments that are fetched at a time.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Whose memory held bytes are; null when nobody counts them.</summary>
    public ChannelMemory? Memory { get; init; }

    /// <summary>Is told what becomes of it.</summary>
    public IUpstreamWatch Watch { get; init; } = NoWatch.Instance;

    /// <summary>Runs until the end.</summary>
    public async Task<UpstreamEnd> RunAsync(OutboundUrl url, CancellationToken ct)
    {
        // :: Step 1: open
        using var source = new UpstreamSource(outbound, manner, url);
        if (await source.OpenAsync(ct) is { } problem)
        {
            return new UpstreamEnd(problem);
        }

        string? before = null;
        while (true)
        {
            var end = await FollowAsync(source, before, ct);

            // :: Step 3: turn
            if (end.IsFilm || !source.TryNext())
            {
                return end;
            }

            before = end.Reason ?? "it has ended";
            Tracker.Turn();
            _heard.Turn();
        }
    }

    private async Task<UpstreamEnd> FollowAsync(UpstreamSource source, string? before, CancellationToken ct)
    {
        // :: Step 2: follow
        using var playlist = new FollowedPlaylist(source, () => source.Main);
        var main = Follower(playlist, Tracker, Parallel, source.Audio is null ? AudioShare : AudioShare - 1);
        if (await main.OpenAsync(ct) is { } problem)
        {
            return new UpstreamEnd(problem);
        }

        var media = playlist.Latest!;
        var shape = new UpstreamShape(media.Segments.Any(static s => s.Map is not null), source.Audio is not null, source.Variant, media.TargetDuration);
        Watch.Following(playlist.Url, shape, before);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (seeing, hearing) = (Task.FromResult(new UpstreamEnd(null)), Task.CompletedTask);
        try
        {
            seeing = main.RunAsync(sinks.Main(shape), ending.Token);
            hearing = source.Audio is not null && sinks.Audio(shape) is { } sink ? HearAsync(source, sink, ending.Token) : hearing;
            if (await Task.WhenAny(seeing, hearing) == hearing)
            {
                await hearing; // The audio alone ends when it is over; if it fails there is a mistake of ours.
            }

            var end = await seeing;
            if (end.IsFilm)
            {
                await Task.WhenAny(hearing, Task.Delay(MostAudioAfter, clock, ct));
            }

            return end;
        }
        catch (UpstreamRefusedException e)
        {
            return new UpstreamEnd(e.Message) { IsRefused = true };
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(seeing, hearing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Without its audio a channel is still one: what breaks is followed again, as long as there is a picture.</summary>
    private async Task HearAsync(UpstreamSource source, ISegmentSink sink, CancellationToken ct)
    {
        var (first, pause, silences) = (source.Audio!, BeforeAudioAgain, 0);
        while (true)
        {
            var began = clock.GetTimestamp();
            using var playlist = new FollowedPlaylist(source, () => source.Audio ?? first);
            var audio = Follower(playlist, _heard, Math.Max(1, Parallel / AudioShare), 1);
            var end = await audio.OpenAsync(ct) is { } problem ? new UpstreamEnd(problem) : await audio.RunAsync(sink, ct);
            if (end.IsFilm)
            {
                return;
            }

            if (end.IsRefused || ++silences == MostSilences)
            {
                sinks.WithoutAudio(end.IsRefused);
            }

            if (end.IsRefused)
            {
                return; // It would be fetched again and again for nothing.
            }

            (pause, silences) = clock.GetElapsedTime(began) > LongestAudioPause ? (BeforeAudioAgain, 0) : (pause, silences);
            await Task.Delay(pause, clock, ct);
            pause = 2 * pause < LongestAudioPause ? 2 * pause : LongestAudioPause;
        }
    }

    /// <param name="playlist">What is followed.</param>
    /// <param name="tracker">Of it.</param>
    /// <param name="parallel">Downloads at a time that are wanted.</param>
    /// <param name="part">Of the memory for downloads, of <see cref="AudioShare"/> parts.</param>
    private PlaylistFollower Follower(FollowedPlaylist playlist, PlaylistTracker tracker, int parallel, int part)
    {
        var (most, mostHeldBytes) = Memory?.Downloads(parallel, part, AudioShare) ?? (parallel, HeldBytesUncounted / AudioShare * part);
        return new PlaylistFollower(outbound, manner, playlist, tracker, clock) { Parallel = most, MostHeldBytes = mostHeldBytes, Memory = Memory, Watch = Watch };
    }
}
