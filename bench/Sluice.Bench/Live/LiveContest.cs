using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Live;

/// <summary>
/// Everybody who can bring a channel to a viewer, at the same time and from the same origin, and the processor time that it takes them.
/// <code>
///   origin ──▶ one Sluice, all channels ──▶ a viewer each
///          ──▶ streamlink, a process for each channel, in either of its ways ──▶ a viewer each
///          ──▶ recv and send alone ──▶ as many viewers
/// </code>
/// </summary>
internal sealed class LiveContest : IAsyncDisposable
{
    /// <summary>Sluice itself.</summary>
    public const string Sluice = "Sluice";

    /// <summary>See <see cref="BareRelay"/>.</summary>
    public const string Bare = "recv and send alone";

    /// <summary>As a server for one viewer.</summary>
    public const string Served = "streamlink --player-external-http";

    /// <summary>Into a pipe.</summary>
    public const string Piped = "streamlink --stdout";

    private readonly LiveOrigin _origin;
    private readonly SluiceServer _sluice;
    private readonly Process _relay;
    private readonly List<Process> _served;
    private readonly List<Process> _pipes;
    private readonly Dictionary<string, List<LiveReader>> _readers;

    private LiveContest(LiveOrigin origin, SluiceServer sluice, (Process Process, Uri Address) relay, (Process Process, Uri Address)[] served, List<Process> pipes)
    {
        (_origin, _sluice, _relay, _served, _pipes) = (origin, sluice, relay.Process, [.. served.Select(static s => s.Process)], pipes);
        _readers = new Dictionary<string, List<LiveReader>>(StringComparer.Ordinal)
        {
            [Sluice] = [.. served.Select((_, n) => LiveReader.Of(sluice.Channel(n)))],
            [Served] = [.. served.Select(static s => LiveReader.Of(s.Address))],
            [Piped] = pipes.ConvertAll(LiveReader.Of),
            [Bare] = [.. served.Select(_ => LiveReader.Of(relay.Address))],
        };
    }

    /// <summary>Starts all.</summary>
    /// <param name="workshop">Where the program is.</param>
    /// <param name="film">What is on the air on every channel.</param>
    /// <param name="channels">How many.</param>
    public static async Task<LiveContest> StartAsync(Workshop workshop, LiveFilm film, int channels)
    {
        var origin = new LiveOrigin(film);
        var sluice = await ChannelsServer.StartAsync(workshop, origin.Playlist, channels);
        var served = await Task.WhenAll(Enumerable.Range(0, channels).Select(_ => Streamlink.ServeAsync(origin.Playlist)));
        return new LiveContest(origin, sluice, await BareRelay.StartAsync(origin.Playlist), served, [.. served.Select(_ => Streamlink.Pipe(origin.Playlist))]);
    }

    /// <summary>Leaves so many of the channels.</summary>
    public async Task KeepAsync(int channels)
    {
        foreach (var readers in _readers.Values)
        {
            await Task.WhenAll(readers.Skip(channels).Select(static r => r.DisposeAsync().AsTask()));
            readers.RemoveRange(channels, readers.Count - channels);
        }

        foreach (var processes in new[] { _served, _pipes })
        {
            await Task.WhenAll(processes.Skip(channels).Select(StopAsync));
            processes.RemoveRange(channels, processes.Count - channels);
        }
    }

    /// <summary>What each takes for a gigabyte that its viewers received, and how much that was.</summary>
    /// <param name="settling">Time that is not measured, before.</param>
    /// <param name="window">Time that is.</param>
    public async Task<IReadOnlyDictionary<string, (double SecondsPerGigabyte, long Bytes)>> MeasureAsync(TimeSpan settling, TimeSpan window)
    {
        await Task.Delay(settling, CancellationToken.None);
        var before = _readers.Keys.ToDictionary(static name => name, Now, StringComparer.Ordinal);
        await Task.Delay(window, CancellationToken.None);
        return _readers.Keys.ToDictionary(static name => name, name =>
        {
            var (after, bytes) = (Now(name), Now(name).Bytes - before[name].Bytes);
            return ((after.Cpu - before[name].Cpu) / (bytes / 1e9), bytes);
        }, StringComparer.Ordinal);
    }

    /// <summary>A table of that.</summary>
    public static IEnumerable<string[]> Rows(IReadOnlyDictionary<string, (double SecondsPerGigabyte, long Bytes)> costs) => costs.Select(static cost => new[]
    {
        cost.Key, cost.Value.SecondsPerGigabyte.ToString("F2", CultureInfo.InvariantCulture), $"{cost.Value.Bytes / 1e6:F0} MB",
    });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KeepAsync(0);
        await StopAsync(_relay);
        await _sluice.DisposeAsync();
        await _origin.DisposeAsync();
    }

    private (double Cpu, long Bytes) Now(string name)
    {
        int[] pids = name switch
        {
            Sluice => [_sluice.Pid],
            Served => [.. _served.Select(static p => p.Id)],
            Piped => [.. _pipes.Select(static p => p.Id)],
            _ => [_relay.Id],
        };
        return (pids.Sum(ProcessFacts.CpuSeconds), _readers[name].Sum(static r => r.Bytes));
    }

    private static async Task StopAsync(Process process)
    {
        await ProcessFacts.StopAsync(process);
        process.Dispose();
    }
}
