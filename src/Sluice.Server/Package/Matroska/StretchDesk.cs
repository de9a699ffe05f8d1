using Sluice.Media.Binary;
using Sluice.Media.Matroska;
using Sluice.Server.Store;

namespace Sluice.Server.Package.Matroska;

/// <summary>
/// Where the frames of a film lie, found out once for all who want a segment, whatever track of it.
/// <code>
///   wanted ──▶ known? ── yes ──▶ frames
///                │ no
///                ▼
///              being found? ── no ──▶ its bytes are fetched ──▶ a turn ──▶ one pass over the heads of its blocks
///                └──── wait ◀──────────────┘
/// </code>
/// When all who waited have gone it ends. What was found last is kept, up to a number of frames.
/// </summary>
/// <param name="reader">The file; its owner's.</param>
/// <param name="segments">What is known of it.</param>
/// <param name="turns">The media library holds a thread while it reads: no more than these at a time.</param>
internal sealed class StretchDesk(IObjectReader reader, MatroskaSegments segments, SemaphoreSlim turns)
{
    /// <summary>Frames that are kept, 48 bytes each: ten minutes of a usual film.</summary>
    private const int MostKept = 100_000;

    /// <summary>Bytes between two looks at what is fetched: no more than a block of whatever keeps them.</summary>
    private const int StepBytes = 256 << 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Search> _searches = [];
    private long _uses;

    /// <summary>The frames of segment <paramref name="number"/>, from 1; null, with the reason, when the file is not as it says.</summary>
    /// <exception cref="SourceUnavailableException">The file cannot be read.</exception>
    public async ValueTask<(MatroskaStretch? Stretch, string? Problem)> FindAsync(int number, CancellationToken ct)
    {
        var search = Join(number);
        try
        {
            return await search.Work.WaitAsync(ct);
        }
        catch (SourceUnavailableException e)
        {
            throw e.Again();
        }
        finally
        {
            Leave(search);
        }
    }

    /// <summary>Reads something small, the bytes of which were just found.</summary>
    public async Task<T> ReadAsync<T>(Func<IByteSource, T> read, CancellationToken ct)
    {
        await turns.WaitAsync(ct);
        try
        {
            using var source = new PieceSource(reader, long.MaxValue, ct);
            return await Task.Run(() => read(source), ct);
        }
        finally
        {
            turns.Release();
        }
    }

    private Search Join(int number)
    {
        lock (_gate)
        {
            if (!_searches.TryGetValue(number, out var search))
            {
                _searches[number] = search = new Search(number);
                search.Work = RunAsync(number, search.Stop.Token);
            }

            search.Waiting++;
            search.LastUse = ++_uses;
            return search;
        }
    }

    private void Leave(Search search)
    {
        bool isForNobody;
        lock (_gate)
        {
            if (--search.Waiting > 0)
            {
                return;
            }

            isForNobody = !search.Work.IsCompletedSuccessfully;
            if (isForNobody)
            {
                _searches.Remove(search.Number);
            }

            DropOldest();
        }

        if (isForNobody)
        {
            search.Stop.Cancel();
        }
    }

    private void DropOldest()
    {
        var kept = _searches.Values.Where(s => s is { Waiting: 0, Work.IsCompletedSuccessfully: true }).OrderByDescending(s => s.LastUse).ToList();
        var frames = 0L;
        foreach (var search in kept)
        {
            frames += 1 + (search.Work.Result.Stretch?.FrameCount ?? 0);
            if (frames > MostKept)
            {
                _searches.Remove(search.Number);
            }
        }
    }

    private async Task<(MatroskaStretch? Stretch, string? Problem)> RunAsync(int number, CancellationToken ct)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Whoever begins it holds the gate.
        var cut = segments.Cuts[number - 1];
        await reader.PrepareAsync([new BytePart(cut.Offset, cut.NextOffset - cut.Offset)], ct);
        for (var at = cut.Offset; at < cut.NextOffset; at += StepBytes)
        {
            await reader.PrepareAsync(at, ct);
        }

        return await ReadAsync(source => (segments.TryRead(source, number, out var problem), problem), ct);
    }

    /// <summary>One pass over a stretch, and who waits for it. The gate is held.</summary>
    private sealed class Search(int number)
    {
        public int Number => number;

        public CancellationTokenSource Stop { get; } = new();

        public Task<(MatroskaStretch? Stretch, string? Problem)> Work { get; set; } = null!;

        public int Waiting { get; set; }

        public long LastUse { get; set; }
    }
}
