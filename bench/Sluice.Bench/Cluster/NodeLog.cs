using System.Collections.Concurrent;

namespace Sluice.Bench.Cluster;

/// <summary>What a node says, over all its lives, kept in a file; and the lines that count.</summary>
internal sealed class NodeLog(string path)
{
    private readonly Lock _writing = new();
    private readonly ConcurrentQueue<string> _last = new();
    private int _refusals;
    private int _losses;

    /// <summary>Chunks that were stored, and that the catalog refused: the token was no longer the task's.</summary>
    public int Refusals => _refusals;

    /// <summary>Tasks that ended when they were somebody else's.</summary>
    public int Losses => _losses;

    /// <summary>The operator key, which the first node of a catalog says once.</summary>
    public string? OperatorKey { get; private set; }

    /// <summary>What was said last.</summary>
    public string Tail => string.Join('\n', _last);

    /// <summary>Takes a line.</summary>
    public void Add(string? line)
    {
        if (line is null)
        {
            return;
        }

        OperatorKey ??= line.StartsWith("The operator key", StringComparison.Ordinal) ? line.Split(' ')[^1] : null;
        if (line.Contains("LeaseLostException", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _refusals);
        }

        if (line.Contains("is no longer ours", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _losses);
        }

        _last.Enqueue(line);
        while (_last.Count > 20 && _last.TryDequeue(out _))
        {
        }

        lock (_writing)
        {
            File.AppendAllText(path, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}\n");
        }
    }
}
