using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Live.Channels;
using Sluice.Server.Store;

namespace Sluice.Server.Recordings;

/// <summary>
/// Where recordings are asked for and ended; one of each channel at a time. To the catalog each is an import, with the id of the title
/// that it becomes.
/// <code>
/// start ─▶ visit ─▶ row ─▶ write (<see cref="RecordingWriter"/>) ─▶ keep (<see cref="RecordingKeeper"/>)
///                            ended by: stop · time · channel · room     └ server stopped: the next one keeps it
/// </code>
/// </summary>
internal sealed partial class RecordingDesk(
    IImportCatalog catalog,
    ImportLedger ledger,
    ImportTurns turns,
    ImportShelf shelf,
    RecordingWriter writer,
    RecordingKeeper keeper,
    SluiceOptions options,
    TimeProvider clock,
    ILogger<RecordingDesk> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, RecordingRun> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<AssetId, Task> _work = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What is being recorded of a channel; null when nothing is.</summary>
    public RecordingState? Of(string channel) => _running.GetValueOrDefault(channel)?.State;

    /// <summary>Starts one.</summary>
    /// <exception cref="ChannelException">It is being recorded already, or there is nothing to be recorded.</exception>
    public async Task<RecordingState> StartAsync(Channel channel, RecordingWish wish, CancellationToken ct)
    {
        var name = channel.Definition.Name;
        var run = new RecordingRun(AssetId.New());
        if (!_running.TryAdd(name, run))
        {
            run.Dispose();
            throw new ChannelException(ErrorCode.RecordingRuns, "The channel is being recorded already.");
        }

        ChannelVisit? visit = null;
        ImportTurn? turn = null;
        try
        {
            visit = await channel.VisitAsync(VisitKind.Recording, ct);
            turn = turns.TryTake(run.Id); // Before the row is there: nobody else takes it.
            var start = RecordingStart.In(visit.Feed.Ts.Index, wish.Back);
            var state = await AddAsync(channel.Definition, run.Id, wish, start, ct);
            run.State = state;
            var work = _work[run.Id] = Task.Run(() => RunAsync(name, run, state, visit, turn!, start, wish.Length), CancellationToken.None);
            _ = work.ContinueWith(_ => _work.TryRemove(state.Id, out Task? _), TaskScheduler.Default);
            return state;
        }
        catch
        {
            turn?.Dispose();
            visit?.Dispose();
            Forget(name);
            throw;
        }
    }

    /// <summary>Ends one; it becomes a title.</summary>
    /// <returns>How far it is; null when nothing is being recorded.</returns>
    public RecordingState? Stop(string channel)
    {
        var run = _running.GetValueOrDefault(channel);
        run?.Stop();
        return run?.State;
    }

    /// <summary>Keeps what servers before this one recorded and had no time for, also what was called off. None waits for another's trouble. Where others
    /// share the catalog, what does not lie here is theirs, and may be recorded at this moment.</summary>
    public async Task RecoverAsync(CancellationToken ct)
    {
        var open = options.Storage.IsShared() ? [] : await catalog.OpenImportsAsync(ImportKind.Channel, ct);
        await Task.WhenAll(open.Select(import => import.Id).Union(shelf.List()).Select(id => RecoverAsync(id, ct)));
    }

    /// <summary>Ends all of them, and what is being kept of others; what came is on the disk when this returns.</summary>
    public async Task CloseAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_work.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public void Dispose() => _stopping.Dispose();

    private async Task RecoverAsync(AssetId id, CancellationToken ct)
    {
        if (await catalog.FindImportAsync(id, ct) is not { Kind: ImportKind.Channel })
        {
            return; // Of a download, whose turn is not ours to take.
        }

        using var turn = turns.TryTake(id);
        if (turn is not null && await catalog.FindImportAsync(id, ct) is { } left && (left.IsOpen || left.State == JobState.Cancelled))
        {
            await keeper.KeepAsync(id, left.IsOpen ? "The server was stopped while it was recorded: this is what came until then." : null, ct);
        }
    }

    private async Task<RecordingState> AddAsync(ChannelDefinition channel, AssetId id, RecordingWish wish, RecordingStart start, CancellationToken ct)
    {
        var (now, local) = (clock.GetUtcNow(), clock.GetLocalNow());
        var title = wish.Title ?? string.Create(CultureInfo.InvariantCulture, $"{channel.Title ?? channel.Name}, {local:yyyy-MM-dd HH:mm}");
        var import = await catalog.AddImportAsync(
            new Import
            {
                Id = id,
                Kind = ImportKind.Channel,
                Source = $"{channel.Name} {id}", // Each is one of its own: the same source is imported once at a time.
                Shown = channel.Name,
                Title = title,
                State = JobState.Running,
                FileName = string.Create(CultureInfo.InvariantCulture, $"{channel.Name} {local:yyyyMMdd-HHmmss}.ts"),
                CreatedAt = now,
                UpdatedAt = now,
            },
            ct);
        ledger.Tell(import);
        return new RecordingState(id, title, now, now - start.Back, wish.Length is { } length ? now + length : null);
    }

    private async Task RunAsync(
        string name, RecordingRun run, RecordingState state, ChannelVisit visit, ImportTurn turn, RecordingStart start, TimeSpan? length)
    {
        using var taken = turn;
        using var time = new CancellationTokenSource(length ?? Timeout.InfiniteTimeSpan, clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, run.Stopped, time.Token, turn.Cancelled);
        string? remark;
        try
        {
            using (visit)
            {
                remark = await writer.RunAsync(state, visit, start, ends.Token);
            }
        }
        catch (Exception e)
        {
            Log.Broke(logger, e, state.Id);
            remark = "It could not be written any further, the log of the server tells why: this is what came until then.";
        }
        finally
        {
            Forget(name);
        }

        if (!_stopping.IsCancellationRequested)
        {
            await keeper.KeepAsync(state.Id, state.Gaps > 0 ? $"{remark} {GapsOf(state)}".Trim() : remark, _stopping.Token);
        }
    }

    private static string GapsOf(RecordingState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"The disk was too slow for the channel {state.Gaps} times, by which {state.MissedBytes} bytes are missing.");

    private void Forget(string name)
    {
        if (_running.TryRemove(name, out var gone))
        {
            gone.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Recording {Recording} cannot be written any further; what came is kept")]
        public static partial void Broke(ILogger logger, Exception e, AssetId recording);
    }
}
