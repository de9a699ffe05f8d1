using System.IO.Pipelines;

namespace Sluice.Server.Processes;

/// <summary>
/// Reads the pipes of a child on threads of their own. Reading a pipe blocks, whatever the method is called, and a thread
/// of the pool that blocks is missed by everybody else.
/// </summary>
internal static class OutputPump
{
    private const int BufferBytes = 64 << 10;
    private const int ThreadStackBytes = 256 << 10;

    /// <summary>What may lie unread before the child has to wait.</summary>
    private const int PauseBytes = 1 << 20;

    /// <summary>Where standard output goes when it is read.</summary>
    public static Pipe NewPipe() => new(new PipeOptions(
        pauseWriterThreshold: PauseBytes, resumeWriterThreshold: PauseBytes / 2, minimumSegmentSize: BufferBytes, useSynchronizationContext: false));

    /// <summary>Runs <paramref name="work"/> on a thread of its own; ends, well or with its exception, when it does.</summary>
    public static Task RunAsync(string name, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(Body, ThreadStackBytes) { IsBackground = true, Name = name };
        thread.Start();
        return done.Task;

        void Body()
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }

    /// <summary>Reads to the end and hands on every piece.</summary>
    public static void Drain(Stream from, Action<ReadOnlyMemory<byte>> piece)
    {
        var buffer = new byte[BufferBytes];
        while (from.Read(buffer) is > 0 and var count)
        {
            piece(buffer.AsMemory(0, count));
        }
    }

    /// <summary>Copies to the end, or until nobody reads any more; then the rest is thrown away.</summary>
    public static void Copy(Stream from, PipeWriter to, ChildWatch watch)
    {
        try
        {
            var wanted = true;
            Drain(from, piece =>
            {
                watch.Sign();
                wanted = wanted && Write(to, piece, watch);
            });
        }
        finally
        {
            to.Complete();
        }
    }

    private static bool Write(PipeWriter to, ReadOnlyMemory<byte> piece, ChildWatch watch)
    {
        var write = to.WriteAsync(piece);
        if (write.IsCompletedSuccessfully)
        {
            return !write.Result.IsCompleted;
        }

        watch.WaitForReader(true);
        try
        {
            return !write.AsTask().GetAwaiter().GetResult().IsCompleted;
        }
        finally
        {
            watch.WaitForReader(false);
        }
    }
}
