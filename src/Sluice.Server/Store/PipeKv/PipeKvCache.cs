namespace Sluice.Server.Store.PipeKv;

/// <summary>
/// Values of the node for viewers, each fetched once for as many as want it.
/// <code>
/// 1 on the shelf?   kept and fresh, or on its way ──▶ read it there, as far as it is; or was it not there a moment ago?
/// 2 fetch           when its turn comes, if that is soon; one request; what breaks off goes on where it was, if it is certainly the same value, three times in all
/// 3 look            is it what its name says, no older than what came before, and is there room? Nobody has got a byte until then
/// 4 keep            to its end; with nobody left who waits for it, not even that
/// </code>
/// No room: each viewer has a request of his own, which goes no faster than he does.
/// </summary>
internal sealed class PipeKvCache : IPublishedFiles, IDisposable
{
    /// <summary>Fetches at the same time.</summary>
    private const int MostFetches = 32;

    /// <summary>Whoever waits longer for a turn is told to come back: a player asks again, and who has gone is not fetched for.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(5);

    private readonly PipeKvNode _node;
    private readonly PipeKvShelf _shelf;
    private readonly PipeKvMisses _misses;
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turns = new(MostFetches, MostFetches);

    /// <param name="node">Is asked.</param>
    /// <param name="folder">For the files; what lies there is removed.</param>
    /// <param name="mostBytes">Of all that is kept.</param>
    /// <param name="clock">The time.</param>
    public PipeKvCache(PipeKvNode node, string folder, long mostBytes, TimeProvider clock)
    {
        (_node, _folder, _clock) = (node, folder, clock);
        (_shelf, _misses) = (new PipeKvShelf(mostBytes, clock), new PipeKvMisses(clock));
        Directory.CreateDirectory(folder);
        foreach (var left in Directory.EnumerateFiles(folder))
        {
            File.Delete(left);
        }
    }

    /// <summary>Bytes that are kept, or are about to be.</summary>
    public long TakenBytes => _shelf.TakenBytes;

    /// <inheritdoc />
    public async ValueTask<PublishedFile?> OpenAsync(string name, CancellationToken ct)
    {
        try
        {
            return await TakeAsync(name, ct);
        }
        catch (PipeKvException e) when (e.IsStale)
        {
            return await TakeAsync(name, ct); // What was kept counts as fresh again.
        }
    }

    /// <summary>A reader of his own for one viewer.</summary>
    public IObjectReader Direct(string name, PipeKvFacts facts) => new PipeKvDirectReader(_node, name, facts, _clock);

    /// <summary>One viewer is done with an entry.</summary>
    public void Return(PipeKvEntry entry) => _shelf.Return(entry);

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private async Task<PublishedFile?> TakeAsync(string name, CancellationToken ct)
    {
        // :: Step 1: on the shelf?
        if (_misses.Has(name))
        {
            return null;
        }

        var entry = _shelf.Take(name, () => new PipeKvEntry(name, Path.Combine(_folder, $"{Guid.NewGuid():n}")), out var isNew);
        if (isNew)
        {
            _ = FetchAsync(entry); // Tells its end to whoever waits, whatever it is.
        }

        var isHandedOver = false;
        try
        {
            if (await entry.Facts.WaitAsync(ct) is not { } facts)
            {
                return null;
            }

            if (entry.NoRoom)
            {
                return new PublishedFile(Direct(name, facts), entry.ETag, facts.Headers);
            }

            if (facts.LengthBytes is null)
            {
                await entry.WholeAsync(ct);
            }

            isHandedOver = true;
            return new PublishedFile(new PipeKvReader(this, entry, facts), entry.ETag, facts.Headers);
        }
        catch (PipeKvException e)
        {
            throw e.Again();
        }
        finally
        {
            if (!isHandedOver)
            {
                _shelf.Return(entry);
            }
        }
    }

    private async Task FetchAsync(PipeKvEntry entry)
    {
        var ct = entry.Stop.Token;
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Whoever starts it waits for more than its beginning.
            await TurnAsync(ct);
            try
            {
                var fetch = new PipeKvFetch(_node, _shelf, _misses, entry);
                await PipeKvRetry.RunAsync(() => fetch.RunAsync(ct), _clock, ct);
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (Exception e)
        {
            var fault = e as PipeKvException ?? new PipeKvException(
                e is IOException ? "This server could not keep what the key-value store sent." : "It was given up.", e)
            {
                MayPass = true,
            };
            _shelf.GiveUp(entry, fault.IsStale);
            entry.Fail(fault);
        }
        finally
        {
            _shelf.EndFetch(entry);
        }
    }

    private async Task TurnAsync(CancellationToken ct)
    {
        using var up = new CancellationTokenSource(LongestTurn, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, up.Token);
        try
        {
            await _turns.WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new PipeKvException("Too much is being fetched from the key-value store just now.", e) { MayPass = true };
        }
    }
}
