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
    private readonly ICatalog _catalog;
    private readonly TimeSpan _interestLasts;

    public ChunkBoard(ICatalog catalog, AssetDirectory assets, SluiceOptions options)
    {
        _catalog = catalog;
        _interestLasts = TimeSpan.FromSeconds(Math.Max(
            options.Transcode.ChunkSeconds * ChunksOfSilence, options.Transcode.WaitSeconds + ComingBackSeconds));
        assets.Changed += (id, asset) =>
        {
            if (asset is null)
            {
                Forget(id);
            }
        };
    }

    /// <summary>The title, read from the catalog when it is not known.</summary>
    public async ValueTask<TitleChunks> OpenAsync(AssetId asset, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_titles.TryGetValue(asset, out var known) && known.JobId is not null)
            {
                return known;
            }

            Shrink();
            var jobs = await _catalog.ListJobsAsync(asset, null, 100, ct);
            var chunks = await _catalog.ListChunksAsync(asset, ct);
            return _titles[asset] = new TitleChunks(jobs.FirstOrDefault(j => j.Kind == JobKind.Encode)?.Id, chunks, _interestLasts);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets a title: it is gone, or its jobs are others now. What is known under that job already stays.</summary>
    public void Forget(AssetId asset, string? unlessOf = null)
    {
        _gate.Wait();
        if (_titles.TryGetValue(asset, out var known) && (unlessOf is null || known.JobId != unlessOf))
        {
            _titles.Remove(asset);
        }

        _gate.Release();
    }

    /// <inheritdoc />
    public void Dispose() => _gate.Dispose();

    private void Shrink()
    {
        foreach (var idle in _titles.Where(t => t.Value.IsIdle).Take(Math.Max(0, _titles.Count - MostTitles + 1)).ToList())
        {
            _titles.Remove(idle.Key);
        }
    }
}
