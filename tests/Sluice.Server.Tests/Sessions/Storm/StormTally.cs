using System.Collections.Concurrent;

namespace Sluice.Server.Tests.Sessions.Storm;

/// <summary>What became of what people did. Safe for concurrent use.</summary>
internal sealed class StormTally
{
    /// <summary>What a server may answer to people in a storm; anything else is a fault of it.</summary>
    private static readonly int[] Expected = [200, 201, 202, 204, 206, 302, 403, 404, 409, 422, 429, 502, 503, 504, 507];

    private readonly ConcurrentDictionary<(string Who, string What), int> _counts = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    /// <summary>The server was killed: what breaks off now is no fault.</summary>
    public bool IsDown { get; set; }

    /// <summary>Answers that no server may give.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>How often.</summary>
    public int this[string who, string what] => _counts.GetValueOrDefault((who, what));

    /// <summary>Once more.</summary>
    public void Add(string who, string what) => _counts.AddOrUpdate((who, what), 1, static (_, times) => times + 1);

    /// <summary>How often, over all.</summary>
    public int Sum(string what) => _counts.Where(count => count.Key.What == what).Sum(count => count.Value);

    /// <summary>An answer, which may be one that no server may give.</summary>
    public void Look(int status, string path)
    {
        if (!Expected.Contains(status))
        {
            _complaints.Enqueue($"{status} {path}");
        }
    }

    /// <summary>There was no answer.</summary>
    public void Broke(string action, Exception e)
    {
        Add(action, "broke off");
        if (!IsDown)
        {
            _complaints.Enqueue($"{action}: {e.GetType().Name}: {e.Message}");
        }
    }
}
