using Sluice.Server.Catalog;
using Sluice.Server.Hosting;

namespace Sluice.Server.Transcode;

/// <summary>The titles that are being encoded or watched while they are, a bounded number; the idle ones are forgotten first.</summary>
internal sealed class ChunkBoard
{
    private const int MostTitles = 64;

    /// <summary>A player that asks for nothing while so many chunks are played has gone elsewhere.</summary>
    private const int ChunksOfSilence = 3;

    /// <summary>Who was told to come back does so within this.</summary>
    private const int ComingBackSeconds = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<AssetId, TitleChunks> _titles = [];
    private readonly HashSet<AssetId> _doubted = [];
    private readonly List<Look> _looks = [];
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
        lock (_gate)
        {
            if (_titles.TryGetValue(asset, out var known) && (unlessOf is null || known.JobId != unlessOf))
            {
                _titles.Remove(asset);
                _doubted.Remove(asset);
            }

            foreach (var look in _looks.Where(look => look.Asset == asset))
            {
                (look.IsDoubted, look.IsOld) = (true, true);
            }
        }
    }

    private async ValueTask<TitleChunks> OpenAsync(AssetId asset, bool isTask, CancellationToken ct)
    {
        Look look;
        lock (_gate)
        {
            if (!isTask && !_doubted.Contains(asset) && _titles.TryGetValue(asset, out var known) && known.JobId is not null)
            {
                return known;
            }

            if (isTask || _looks.Find(under => under.Asset == asset && !under.IsDoubted) is not { } running)
            {
                Shrink();
                _looks.Add(look = new Look(asset, _titles.GetValueOrDefault(asset)));
                look.Found = Task.Run(() => LookAsync(look), CancellationToken.None);
            }
            else
            {
                look = running; // All who come at once ask the catalog once.
            }
        }

        return await look.Found.WaitAsync(ct);
    }

    /// <summary>Asks the catalog. A title that is slow to read keeps nobody from another one.</summary>
    private async Task<TitleChunks> LookAsync(Look look)
    {
        try
        {
            var jobs = await _catalog.ListJobsAsync(look.Asset, null, 100, CancellationToken.None);
            var chunks = await _catalog.ListChunksAsync(look.Asset, CancellationToken.None);
            var job = jobs.FirstOrDefault(j => j.Kind == JobKind.Encode)?.Id;
            lock (_gate)
            {
                if (!look.IsDoubted)
                {
                    _doubted.Remove(look.Asset);
                }

                var known = _titles.GetValueOrDefault(look.Asset);
                if (known?.JobId is not null && known.JobId == job)
                {
                    known.Renew(chunks, known == look.Known ? look.Changes : Look.Never);
                    return known;
                }

                var title = new TitleChunks(job, chunks, _interestLasts, IsShared);
                if (!look.IsOld)
                {
                    _titles[look.Asset] = title;
                }

                return title;
            }
        }
        finally
        {
            lock (_gate)
            {
                _looks.Remove(look);
            }
        }
    }

    /// <summary>Another process may have changed a title.</summary>
    private void Doubt(AssetId asset)
    {
        lock (_gate)
        {
            foreach (var look in _looks.Where(look => look.Asset == asset))
            {
                look.IsDoubted = true;
            }

            if (_titles.TryGetValue(asset, out var known))
            {
                _doubted.Add(asset);
                known.Wake();
            }
        }
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

    /// <summary>A look at the catalog that is under way.</summary>
    private sealed class Look(AssetId asset, TitleChunks? known)
    {
        /// <summary>What <see cref="TitleChunks.Changes"/> never is.</summary>
        public const long Never = -1;

        public AssetId Asset => asset;

        public TitleChunks? Known => known;

        public long Changes { get; } = known?.Changes ?? Never;

        public Task<TitleChunks> Found { get; set; } = null!;

        /// <summary>The title has changed since it began: whoever comes now needs another.</summary>
        public bool IsDoubted { get; set; }

        /// <summary>What it finds is not to be kept.</summary>
        public bool IsOld { get; set; }
    }
}
