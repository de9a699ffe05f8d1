using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Transcode;

/// <summary>The titles that are being encoded or watched while they are, a bounded number; the idle ones are forgotten first.</summary>
internal sealed class ChunkBoard : IDisposable
{
    private const int MostTitles = 64;

    /// <summary>A player that asks for nothing while so many chunks are played has gone elsewhere.</summary>
    private const int ChunksOfSilence = 3;

    /// <summary>Who was told to come back does so within this.</summary>
    private const int ComingBackSeconds = 3;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<AssetId, TitleChunks> _titles = [];
    private readonly HashSet<AssetId> _doubted = [];
    private readonly ICatalog _catalog;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _interestLasts;

    public ChunkBoard(ICatalog catalog, AssetDirectory assets, SluiceOptions options, TimeProvider clock)
    {
        (_catalog, _clock, IsShared) = (catalog, clock, options.Storage.IsShared());
        _interestLasts = TimeSpan.FromSeconds(Math.Max(
            options.Transcode.ChunkSeconds * ChunksOfSilence, options.Transcode.WaitSeconds + ComingBackSeconds));
        assets.Changed += (id, asset) =>
        {
            if (asset is null)
            {
                Forget(id);
            }
            else if (IsShared)
            {
                Doubt(id);
            }
        };
    }

    /// <summary>Other processes make chunks, too.</summary>
    public bool IsShared { get; }

    /// <summary>The title, read from the catalog when it is not known.</summary>
    public ValueTask<TitleChunks> OpenAsync(AssetId asset, CancellationToken ct) => OpenAsync(asset, isTask: false, ct);

    /// <summary>The title for a task; where others make chunks too, as the catalog knows it now.</summary>
    public ValueTask<TitleChunks> OpenForTaskAsync(AssetId asset, CancellationToken ct) => OpenAsync(asset, isTask: IsShared, ct);

    /// <summary>Forgets a title: it is gone, or its jobs are others now. What is known under that job already stays.</summary>
    public void Forget(AssetId asset, string? unlessOf = null)
    {
        _gate.Wait();
        if (_titles.TryGetValue(asset, out var known) && (unlessOf is null || known.JobId != unlessOf))
        {
            _titles.Remove(asset);
            _doubted.Remove(asset);
        }

        _gate.Release();
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private async ValueTask<TitleChunks> OpenAsync(AssetId asset, bool isTask, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            var isKnown = _titles.TryGetValue(asset, out var known) && known.JobId is not null;
            if (isKnown && !isTask && !_doubted.Contains(asset))
            {
                return known!;
            }

            Shrink();
            _doubted.Remove(asset);
            var before = known?.Changes ?? 0;
            var jobs = await _catalog.ListJobsAsync(asset, null, 100, ct);
            var chunks = await _catalog.ListChunksAsync(asset, ct);
            var job = jobs.FirstOrDefault(j => j.Kind == JobKind.Encode)?.Id;
            if (isKnown && known!.JobId == job)
            {
                known.Renew(chunks, before);
                return known;
            }

            return _titles[asset] = new TitleChunks(job, chunks, _interestLasts, IsShared);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Another process may have changed a title.</summary>
    private void Doubt(AssetId asset)
    {
        _gate.Wait();
        if (_titles.TryGetValue(asset, out var known))
        {
            _doubted.Add(asset);
            known.Wake();
        }

        _gate.Release();
    }

    private void Shrink()
    {
        var now = _clock.GetUtcNow();
        foreach (var idle in _titles.Where(t => t.Value.IsIdle(now)).Take(Math.Max(0, _titles.Count - MostTitles + 1)).ToList())
        {
            _titles.Remove(idle.Key);
            _doubted.Remove(idle.Key);
        }
    }
}
