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
    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(20);

    private readonly ArrivingFiles _files;
    private readonly ArrivalStep _judge;
    private readonly IObjectStore _store;
    private readonly SluiceOptions _options;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweep;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly ConcurrentDictionary<AssetId, ArrivingTitle> _open = new();

    public ArrivingTitles(ArrivingFiles files, ArrivalStep judge, IObjectStore store, SluiceOptions options, TimeProvider clock)
    {
        (_files, _judge, _store, _options, _clock) = (files, judge, store, options, clock);
        files.Removed += file => Close(file.Id);
        _sweep = clock.CreateTimer(_ => CloseIdle(), null, BetweenSweeps, BetweenSweeps);
    }

    /// <summary>The title, open and held; the caller releases it. Null when too little of it has landed, or it does not arrive any more.</summary>
    public async ValueTask<ArrivingTitle?> HoldAsync(Asset asset, CancellationToken ct)
    {
        if (TryHold(asset) is { } held)
        {
            return held;
        }

        // One at a time: opening is a pass over a file's tables, and two who ask for one title want the same.
        await _opening.WaitAsync(ct);
        try
        {
            if (TryHold(asset) is { } opened)
            {
                return opened;
            }

            Close(asset.Id);
            if (_files.Find(asset.Id) is not { LandedBytes: > 0 } file || file.Version != asset.Version
                || await ArrivingTitle.OpenAsync(file, asset, _judge, _options.Package.SegmentSeconds, _store, ct) is not { } title)
            {
                return null;
            }

            file.WasServed = true;
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

    private ArrivingTitle? TryHold(Asset asset)
    {
        if (!_open.TryGetValue(asset.Id, out var title) || title.Version != asset.Version || !title.TryHold())
        {
            return null;
        }

        title.AskedTimestamp = _clock.GetTimestamp();
        return title;
    }

    private void Close(AssetId id)
    {
        if (_open.TryRemove(id, out var title))
        {
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
