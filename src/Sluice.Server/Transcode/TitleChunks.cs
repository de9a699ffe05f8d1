using Sluice.Server.Catalog;

namespace Sluice.Server.Transcode;

/// <summary>
/// The encoded chunks of one title as this process knows them: which exist, which are in the making, who waits. The truth
/// is in the catalog; this is what makes waiting cheap.
/// </summary>
/// <param name="jobId">The job that encodes the title; null when there is none.</param>
/// <param name="published">The chunks that exist.</param>
/// <param name="interestLasts">How long a viewer counts who does not ask again.</param>
/// <param name="isShared">Other processes make chunks of it too, and take what this one asks for.</param>
internal sealed class TitleChunks(string? jobId, IReadOnlyCollection<ChunkRow> published, TimeSpan interestLasts, bool isShared = false)
{
    /// <summary>How often the catalog is asked for a chunk that somebody waits for, and that another process may publish.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Rendition, int Number), ChunkRow> _chunks = published.ToDictionary(c => (c.Rendition, c.Number));
    private readonly Dictionary<(string Rendition, int Number), TaskCompletionSource> _waiting = [];
    private readonly Dictionary<(string Rendition, int Number), DateTimeOffset> _looks = [];
    private readonly Dictionary<string, int> _counts = published.GroupBy(c => c.Rendition).ToDictionary(g => g.Key, g => g.Count());
    private readonly Dictionary<long, ChunkClaim> _claims = [];
    private readonly Dictionary<long, Setback> _setbacks = [];
    private readonly ChunkInterest _interest = new(interestLasts);
    private readonly HashSet<string> _gathered = [];
    private long _reserved;
    private long _changes;
    private bool _hasEncoded = published.Any(c => !c.IsPlaceholder);

    /// <summary>The job that encodes the title; null when there is none.</summary>
    public string? JobId => jobId;

    /// <summary>How often it has changed.</summary>
    public long Changes
    {
        get
        {
            lock (_lock)
            {
                return _changes;
            }
        }
    }

    /// <summary>Nobody waits and nothing is in the making: it can be forgotten.</summary>
    public bool IsIdle(DateTimeOffset now)
    {
        lock (_lock)
        {
            return _waiting.Count == 0 && _claims.Values.All(c => c.IsOver(now));
        }
    }

    /// <summary>These are all that are published, as the catalog says; unless something changed here while it was asked: then they are some.</summary>
    /// <param name="rows">What it says.</param>
    /// <param name="before"><see cref="Changes"/> before it was asked.</param>
    public void Renew(IReadOnlyCollection<ChunkRow> rows, long before)
    {
        lock (_lock)
        {
            if (_changes == before)
            {
                _chunks.Clear();
                _counts.Clear();
            }
        }

        foreach (var row in rows)
        {
            Add(row);
        }
    }

    /// <summary>Whether it is time to ask the catalog for a chunk that somebody waits for: of all who wait for it, one does.</summary>
    public bool TryLook(string rendition, int number, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_waiting.ContainsKey((rendition, number)) || now - _looks.GetValueOrDefault((rendition, number)) < BetweenLooks)
            {
                return false;
            }

            _looks[(rendition, number)] = now;
            return true;
        }
    }

    /// <summary>Nobody waits any longer: what they wait for may be found elsewhere now.</summary>
    public void Wake()
    {
        TaskCompletionSource[] waiting;
        lock (_lock)
        {
            waiting = [.. _waiting.Values];
            _waiting.Clear();
            _looks.Clear();
        }

        Array.ForEach(waiting, static one => one.TrySetResult());
    }

    /// <summary>Chunks of a rendition that exist.</summary>
    public int CountOf(string rendition)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(rendition);
        }
    }

    /// <summary>Something of the title was really encoded: there is an encoder that works, and a source that can be read.</summary>
    public bool HasEncoded
    {
        get
        {
            lock (_lock)
            {
                return _gathered.Count > 0 || _hasEncoded;
            }
        }
    }

    /// <summary>Numbers from <paramref name="first"/> to before <paramref name="end"/> at which a rendition is black or silent.</summary>
    public int CountPlaceholders(int first, int end)
    {
        lock (_lock)
        {
            return _chunks.Values.Where(c => c.IsPlaceholder && c.Number >= first && c.Number < end).DistinctBy(c => c.Number).Count();
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
                _changes++;
                _counts[chunk.Rendition] = _counts.GetValueOrDefault(chunk.Rendition) + 1;
            }

            _hasEncoded |= !chunk.IsPlaceholder;

            _waiting.Remove((chunk.Rendition, chunk.Number), out waiting);
            _looks.Remove((chunk.Rendition, chunk.Number));
            foreach (var claim in _claims.Values)
            {
                claim.Pass(chunk);
            }
        }

        waiting?.TrySetResult();
    }

    /// <summary>Forgets chunks until those that are left have no more than so many bytes: first those that are farthest from what viewers ask for.</summary>
    /// <param name="mostBytes">Of all that are kept.</param>
    /// <param name="newest">Was published last: it stays, if it is what somebody asks for.</param>
    /// <param name="now">The time.</param>
    /// <returns>What was forgotten: whoever asks for it again has it made again.</returns>
    public IReadOnlyList<ChunkRow> Shed(long mostBytes, (string Rendition, int Number) newest, DateTimeOffset now)
    {
        lock (_lock)
        {
            var over = _chunks.Values.Sum(c => (long)c.SizeBytes) - mostBytes;
            var shed = new List<ChunkRow>();
            foreach (var (chunk, distance) in over <= 0 ? [] : _chunks.Values
                .Select(c => (Chunk: c, Distance: _interest.DistanceOf(c.Number, now)))
                .OrderByDescending(c => c.Distance).ThenBy(c => _interest.AskedAt(c.Chunk.Rendition, c.Chunk.Number)).ToList())
            {
                if (over <= 0)
                {
                    break;
                }

                if (distance == 0 && (chunk.Rendition, chunk.Number) == newest)
                {
                    continue;
                }

                _changes++;
                _chunks.Remove((chunk.Rendition, chunk.Number));
                _counts[chunk.Rendition]--;
                over -= chunk.SizeBytes;
                shed.Add(chunk);
            }

            return shed;
        }
    }

    /// <summary>The chunks of a rendition were gathered.</summary>
    public void Gathered(string rendition)
    {
        lock (_lock)
        {
            _changes++;
            _gathered.Add(rendition);
            foreach (var key in _chunks.Keys.Where(k => k.Rendition == rendition).ToList())
            {
                _chunks.Remove(key);
            }
        }
    }

    /// <summary>A viewer asks for a chunk, be it there or not.</summary>
    public void Asked(string rendition, int number, DateTimeOffset now)
    {
        lock (_lock)
        {
            _interest.Note(rendition, number, now);
        }
    }

    /// <summary>Somebody has asked of late for one of these chunks.</summary>
    public bool IsWanted(IReadOnlyCollection<string> renditions, int first, int end, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _interest.IsIn(renditions, first, end, now);
        }
    }

    /// <summary>Ends the claim of a task that nobody wants any more; false when somebody does. In one step: who asks from now on
    /// finds no claim, and makes a task of their own.</summary>
    public bool ReleaseUnwanted(long taskId, IReadOnlyCollection<string> renditions, int first, int end, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_interest.IsIn(renditions, first, end, now))
            {
                return false;
            }

            _claims.Remove(taskId);
            return true;
        }
    }

    /// <summary>A task ended before it had made these chunks.</summary>
    public void SetBack(long taskId, Setback setback)
    {
        lock (_lock)
        {
            _setbacks[taskId] = setback;
        }
    }

    /// <summary>Why a chunk is not made now; null when nothing is known against it.</summary>
    public Setback? SetbackOf(string rendition, int number, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _setbacks.Values.FirstOrDefault(s => s.Covers(rendition, number, now));
        }
    }

    /// <summary>Says that a task makes, or is about to make, these chunks.</summary>
    public void Claimed(long taskId, Urgency urgency, IReadOnlyCollection<string> renditions, int first, int end, DateTimeOffset now)
    {
        lock (_lock)
        {
            _setbacks.Remove(taskId);
            _claims[taskId] = new ChunkClaim(urgency, [.. renditions], first, end);

            // Whoever asked may have asked another server, which makes a new task of it if they go on asking.
            foreach (var rendition in isShared && urgency == Urgency.Viewer ? renditions : [])
            {
                _interest.Note(rendition, first, now);
            }
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
    /// Claims a run for a viewer, unless some task is about to make its first chunk: it has at most <see cref="ChunkClaim.Near"/>
    /// others to make before. Of any number of viewers who ask at once, one gets the claim.
    /// </summary>
    /// <returns>The claim's number, to be handed to <see cref="Confirm"/> or <see cref="Released"/>; null when there is no need.</returns>
    public long? TryClaim(string rendition, int first, int end, DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (var over in _claims.Where(c => c.Value.IsOver(now)).Select(c => c.Key).ToList())
            {
                _claims.Remove(over);
            }

            if (_claims.Values.Any(c => c.Covers(rendition, first)))
            {
                return null;
            }

            _claims[--_reserved] = new ChunkClaim(Urgency.Viewer, [rendition], first, end, isShared ? now + interestLasts : null);
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
}
