using System.Collections.Concurrent;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Arriving;

/// <summary>The arriving titles that are being watched: bounded, and closed when nobody has asked for a while. What is asked for later is opened
/// again, and is the same.</summary>
internal sealed class ArrivingTitles : IDisposable
{
    /// <summary>Each costs a few file handles, its tables' rows, and the samples of one segment.</summary>
    private const int MostOpen = 32;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1);

    /// <summary>What is repackaged appears within tenths of a second of what lands.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(20);

    private readonly ArrivingFiles _files;
    private readonly ArrivalStep _judge;
    private readonly ArrivingRemuxer _remuxer;
    private readonly IObjectStore _store;
    private readonly SluiceOptions _options;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly ConcurrentDictionary<AssetId, ArrivingTitle> _open = new();

    public ArrivingTitles(
        ArrivingFiles files, ArrivalStep judge, ArrivingRemuxer remuxer, IObjectStore store, SluiceOptions options, TimeProvider clock)
    {
        (_files, _judge, _remuxer, _store, _options, _clock) = (files, judge, remuxer, store, options, clock);
        files.Removed += file => Close(file.Id);
        _sweep = clock.CreateTimer(_ => CloseIdle(), null, BetweenSweeps, BetweenSweeps);
    }

    /// <summary>The title, open and held; the caller releases it. Null when too little of it has landed, or it does not arrive any more.</summary>
    public async ValueTask<ArrivingTitle?> HoldAsync(Asset asset, CancellationToken ct)
    {
        if ((TryHold(asset) ?? await BeginAsync(asset, ct)) is not { } title)
        {
            return null;
        }

        var isOpen = false;
        try
        {
            isOpen = (title.Tracks.Count > 0 || await OpenAsync(title, ct)) && title.File.TryServe();
            return isOpen ? title : null;
        }
        finally
        {
            if (!isOpen)
            {
                title.Release();
            }
        }
    }

    /// <summary>Seconds that can be played of a file; null while nobody watches it.</summary>
    public double? PlayableSeconds(ArrivingFile file) =>
        _open.TryGetValue(file.Id, out var title) && ReferenceEquals(title.File, file) ? title.PlayableSeconds : null;

    /// <inheritdoc />
    public void Dispose()
    {
        _sweep.Dispose();
        foreach (var id in _open.Keys)
        {
            Close(id);
        }

        _opening.Dispose();
    }

    /// <summary>The title, held; perhaps not open yet.</summary>
    private async Task<ArrivingTitle?> BeginAsync(Asset asset, CancellationToken ct)
    {
        // One at a time: opening is a pass over a file's tables, and two who ask for one title want the same.
        await _opening.WaitAsync(ct);
        try
        {
            if (TryHold(asset) is { } begun)
            {
                return begun;
            }

            Close(asset.Id);
            if (_files.Find(asset.Id) is not { LandedBytes: > 0, IsHopeless: false } file || file.Version != asset.Version
                || await ArrivingTitle.BeginAsync(file, asset, _judge, StartAsync, _options.Package.SegmentSeconds, _store, ct) is not { } title)
            {
                return null;
            }

            title.AskedTimestamp = _clock.GetTimestamp();
            title.TryHold();
            CloseOldest();
            _open[asset.Id] = title;
            if (!_files.Has(file))
            {
                Close(asset.Id); // It ended while it was being opened.
            }

            return title;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Waits, for a while, until the tracks of a title are known.</summary>
    private async Task<bool> OpenAsync(ArrivingTitle title, CancellationToken ct)
    {
        var until = _clock.GetUtcNow() + TimeSpan.FromSeconds(_options.Transcode.WaitSeconds);
        while (true)
        {
            switch (await title.OpenAsync(_judge, ct))
            {
                case Opening.Done:
                    return true;
                case Opening.Hopeless when title.Remux is not { IsStopped: true }:
                    title.File.IsHopeless = true;
                    Close(title.File.Id);
                    return false;
                case Opening.Hopeless:
                    return false; // It was closed meanwhile; whoever asks again opens it anew.
                case Opening.NotYet when _clock.GetUtcNow() >= until || !_files.Has(title.File):
                    return false;
                default:
                    await Task.Delay(Look, _clock, ct);
                    break;
            }
        }
    }

    /// <summary>Starts to repackage a file, if it is its turn and there is room.</summary>
    private async Task<ArrivingRemux?> StartAsync(ArrivingFile file, LandedSource source, RemuxPlan plan, string path)
    {
        var isFree = RemuxTurns.IsFree(file, _open.Values, _clock, out var leaving);
        if (leaving is { } id)
        {
            Close(id);
        }

        return isFree ? await _remuxer.StartAsync(file, source, plan, path) : null;
    }

    private ArrivingTitle? TryHold(Asset asset)
    {
        if (!_open.TryGetValue(asset.Id, out var title) || title.Version != asset.Version || !title.TryHold())
        {
            return null;
        }

        title.AskedTimestamp = _clock.GetTimestamp();
        return title;
    }

    /// <summary>Whoever still reads what there is of it, perhaps slowly, needs no process for that. Publication does, and is not long.</summary>
    private void Close(AssetId id)
    {
        if (_open.TryRemove(id, out var title))
        {
            if (!_files.Has(title.File) || title.File.LandedBytes < title.File.TotalBytes)
            {
                title.Remux?.Stop();
            }

            title.Release();
        }
    }

    private void CloseIdle()
    {
        foreach (var (id, title) in _open)
        {
            if (_clock.GetElapsedTime(title.AskedTimestamp) >= Idle)
            {
                Close(id);
            }
        }
    }

    private void CloseOldest()
    {
        while (_open.Count >= MostOpen)
        {
            Close(_open.MinBy(t => t.Value.AskedTimestamp).Key);
        }
    }
}
