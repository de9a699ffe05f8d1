using System.Globalization;

namespace Sluice.Server.Store.PipeKv;

/// <summary>How long the last reads took until the head of their answer, by the node that answered.</summary>
internal sealed class PipeKvLatencies(TimeProvider clock)
{
    /// <summary>Reads of each that are remembered.</summary>
    public const int MostReads = 100;

    /// <summary>Nodes that are remembered, those that answered last: the name is theirs to choose.</summary>
    private const int MostNodes = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<PipeKvRead>> _nodes = new(StringComparer.Ordinal);

    /// <summary>Notes one.</summary>
    public void Note(PipeKvFacts facts, TimeSpan took)
    {
        var said = facts.Headers.FirstOrDefault(static header => header.Key == "x-kv-latency-ms").Value;
        var read = new PipeKvRead(
            clock.GetUtcNow(),
            took,
            double.TryParse(said, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var its) && double.IsFinite(its) ? its : null,
            facts.Headers.FirstOrDefault(static header => header.Key == "x-cache").Value);
        lock (_gate)
        {
            if (!_nodes.TryGetValue(facts.Node, out var reads))
            {
                if (_nodes.Count == MostNodes)
                {
                    _nodes.Remove(_nodes.MinBy(static node => node.Value.Last().At).Key);
                }

                _nodes[facts.Node] = reads = new Queue<PipeKvRead>();
            }

            reads.Enqueue(read);
            if (reads.Count > MostReads)
            {
                reads.Dequeue();
            }
        }
    }

    /// <summary>All that are remembered, by node, oldest first.</summary>
    public IReadOnlyList<(string Node, IReadOnlyList<PipeKvRead> Reads)> All()
    {
        lock (_gate)
        {
            return [.. _nodes.OrderBy(static node => node.Key, StringComparer.Ordinal).Select(static node => (node.Key, (IReadOnlyList<PipeKvRead>)[.. node.Value]))];
        }
    }
}

/// <summary>One read.</summary>
/// <param name="At">When its answer came.</param>
/// <param name="Took">From the request to the head of the answer.</param>
/// <param name="SaidMilliseconds">What the node itself says that it took; null when it does not.</param>
/// <param name="Cache">Whether a cache answered, in its own words; null when it does not say.</param>
internal readonly record struct PipeKvRead(DateTimeOffset At, TimeSpan Took, double? SaidMilliseconds, string? Cache);
