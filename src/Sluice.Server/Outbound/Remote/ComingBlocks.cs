namespace Sluice.Server.Outbound.Remote;

/// <summary>Blocks that are on their way, the run that brings each, and who waits for it. Not safe for concurrent use: the file's gate is held.</summary>
internal sealed class ComingBlocks
{
    private readonly Dictionary<long, (BlockRun Run, TaskCompletionSource Came)> _blocks = [];

    /// <summary>Whether a block is on its way.</summary>
    public bool Has(long block) => _blocks.ContainsKey(block);

    /// <summary>A run is to bring a block, which no other brings.</summary>
    public void Expect(long block, BlockRun run) =>
        _blocks[block] = (run, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>One more waits for a block that is on its way.</summary>
    public (BlockRun Run, Task Came) Join(long block)
    {
        var (run, came) = _blocks[block];
        run.Join();
        return (run, came.Task);
    }

    /// <summary>A block is on its way no more; answers who waits for it, if anybody was to.</summary>
    public TaskCompletionSource? Take(long block) => _blocks.Remove(block, out var coming) ? coming.Came : null;

    /// <summary>What a run was to bring of these blocks is on its way no more; answers who waits for it. What other runs bring of them stays.</summary>
    public IReadOnlyList<TaskCompletionSource> Take(BlockRun run, long first, long end)
    {
        var taken = new List<TaskCompletionSource>();
        for (; first < end; first++)
        {
            if (_blocks.TryGetValue(first, out var coming) && coming.Run == run)
            {
                _blocks.Remove(first);
                taken.Add(coming.Came);
            }
        }

        return taken;
    }
}
