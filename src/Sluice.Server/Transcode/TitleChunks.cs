using Sluice.Server.Catalog;

namespace Sluice.Server.Transcode;

/// <summary>
/// The encoded chunks of one title as this process knows them: which exist, which are in the making, who waits. The truth
/// is in the catalog; this is what makes waiting cheap.
/// </summary>
internal sealed class TitleChunks(string? jobId, IReadOnlyCollection<ChunkRow> published)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Rendition, int Number), ChunkRow> _chunks = published.ToDictionary(c => (c.Rendition, c.Number));
    private readonly Dictionary<(string Rendition, int Number), TaskCompletionSource> _waiting = [];
    private readonly Dictionary<string, int> _counts = published.GroupBy(c => c.Rendition).ToDictionary(g => g.Key, g => g.Count());
    private readonly Dictionary<long, Claim> _claims = [];
    private readonly HashSet<string> _gathered = [];
    private long _reserved;

    /// <summary>The job that encodes the title; null when there is none.</summary>
    public string? JobId => jobId;

    /// <summary>Nobody waits and nothing is in the making: it can be forgotten.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count == 0 && _claims.Count == 0;
            }
        }
    }

    /// <summary>Chunks of a rendition that exist.</summary>
    public int CountOf(string rendition)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(rendition);
        }
    }

    /// <summary>The chunk, or null.</summary>
    public ChunkRow? Find(string rendition, int number)
    {
        lock (_lock)
        {
            return _chunks.GetValueOrDefault((rendition, number));
        }
    }

    /// <summary>All chunks of a rendition, by number.</summary>
    public IReadOnlyList<ChunkRow> Of(string rendition)
    {
        lock (_lock)
        {
            return [.. _chunks.Values.Where(c => c.Rendition == rendition).OrderBy(c => c.Number)];
        }
    }

    /// <summary>The rendition was gathered: its chunks are in its index now, and none of it is ever made again.</summary>
    public bool IsGathered(string rendition)
    {
        lock (_lock)
        {
            return _gathered.Contains(rendition);
        }
    }

    /// <summary>Ends when the chunk is published; at once when it is.</summary>
    public Task WhenPublished(string rendition, int number)
    {
        lock (_lock)
        {
            if (_chunks.ContainsKey((rendition, number)) || _gathered.Contains(rendition))
            {
                return Task.CompletedTask;
            }

            if (!_waiting.TryGetValue((rendition, number), out var waiting))
            {
                _waiting[(rendition, number)] = waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return waiting.Task;
        }
    }

    /// <summary>A chunk was published.</summary>
    public void Add(ChunkRow chunk)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            if (_chunks.TryAdd((chunk.Rendition, chunk.Number), chunk))
            {
                _counts[chunk.Rendition] = _counts.GetValueOrDefault(chunk.Rendition) + 1;
            }

            _waiting.Remove((chunk.Rendition, chunk.Number), out waiting);
            foreach (var claim in _claims.Values)
            {
                claim.Pass(chunk);
            }
        }

        waiting?.SetResult();
    }

    /// <summary>The chunks of a rendition were gathered.</summary>
    public void Gathered(string rendition)
    {
        lock (_lock)
        {
            _gathered.Add(rendition);
            foreach (var key in _chunks.Keys.Where(k => k.Rendition == rendition).ToList())
            {
                _chunks.Remove(key);
            }
        }
    }

    /// <summary>Says that a task makes, or is about to make, these chunks.</summary>
    public void Claimed(long taskId, Urgency urgency, IEnumerable<string> renditions, int first, int end)
    {
        lock (_lock)
        {
            _claims[taskId] = new Claim(urgency, [.. renditions], first, end);
        }
    }

    /// <summary>The task has ended.</summary>
    public void Released(long taskId)
    {
        lock (_lock)
        {
            _claims.Remove(taskId);
        }
    }

    /// <summary>
    /// Claims a run for a viewer, unless some task is about to make its first chunk: it has at most <paramref name="near"/>
    /// others to make before. Of any number of viewers who ask at once, one gets the claim.
    /// </summary>
    /// <returns>The claim's number, to be handed to <see cref="Confirm"/> or <see cref="Released"/>; null when there is no need.</returns>
    public long? TryClaim(string rendition, int first, int end, int near)
    {
        lock (_lock)
        {
            if (_claims.Values.Any(c => c.Covers(rendition, first, near)))
            {
                return null;
            }

            _claims[--_reserved] = new Claim(Urgency.Viewer, [rendition], first, end);
            return _reserved;
        }
    }

    /// <summary>The claim is that of a task now.</summary>
    public void Confirm(long claim, long taskId)
    {
        lock (_lock)
        {
            if (_claims.Remove(claim, out var claimed))
            {
                _claims.TryAdd(taskId, claimed); // The task may have begun already, and claimed by itself.
            }
        }
    }

    private sealed class Claim(Urgency urgency, HashSet<string> renditions, int first, int end)
    {
        private int _next = first;

        public void Pass(ChunkRow chunk)
        {
            if (renditions.Contains(chunk.Rendition) && chunk.Number >= _next && chunk.Number < end)
            {
                _next = chunk.Number + 1;
            }
        }

        /// <summary>Background work is never waited for: it makes all sizes at once, and stands still while others are waited for.</summary>
        public bool Covers(string rendition, int number, int near) =>
            urgency > Urgency.Background && renditions.Contains(rendition) && number >= _next - 1 && number < end && number - _next <= near;
    }
}
