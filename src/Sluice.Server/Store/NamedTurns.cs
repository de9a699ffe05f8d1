namespace Sluice.Server.Store;

/// <summary>One at a time for each name. Safe for concurrent use.</summary>
internal sealed class NamedTurns
{
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Whether any is taken, or waited for.</summary>
    public bool IsTaken
    {
        get
        {
            lock (_turns)
            {
                return _turns.Count > 0;
            }
        }
    }

    /// <summary>Waits for the turn of a name, and has it until the answer is disposed.</summary>
    public async Task<IDisposable> TakeAsync(string name, CancellationToken ct)
    {
        Turn? turn;
        lock (_turns)
        {
            if (!_turns.TryGetValue(name, out turn))
            {
                _turns[name] = turn = new Turn(this, name);
            }

            turn.Wanted++;
        }

        try
        {
            await turn.Free.WaitAsync(ct);
            return turn;
        }
        catch
        {
            Leave(turn);
            throw;
        }
    }

    private void Leave(Turn turn)
    {
        lock (_turns)
        {
            if (--turn.Wanted == 0)
            {
                _turns.Remove(turn.Name);
                turn.Free.Dispose();
            }
        }
    }

    private sealed class Turn(NamedTurns all, string name) : IDisposable
    {
        public string Name => name;

        public SemaphoreSlim Free { get; } = new(1, 1);

        /// <summary>Who has it or waits for it.</summary>
        public int Wanted { get; set; }

        /// <summary>Once for each who had it.</summary>
        public void Dispose()
        {
            Free.Release();
            all.Leave(this);
        }
    }
}
