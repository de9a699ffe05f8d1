namespace Sluice.Server.Publishing;

/// <summary>
/// Changes a file of a server that knows no lock.
/// <code>
///   1 read it ─ is it as it should be? Then that is all
///   2 write it, where the server can by the condition that nobody else has meanwhile
///   3 after a pause again from 1: whoever else read before we wrote has written by then, and what he wrote over is put back
/// </code>
/// </summary>
internal static class ChangeRounds
{
    private const int MostRounds = 12;

    /// <summary>Longer than others take from reading to having written, as a rule.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>Changes it.</summary>
    /// <param name="place">What people call the place.</param>
    /// <param name="name">The file.</param>
    /// <param name="change">The change.</param>
    /// <param name="read">Reads the file.</param>
    /// <param name="write">Writes it in the place of what was read.</param>
    /// <param name="clock">For the pauses.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="PublishException">Others change it all the time.</exception>
    public static async ValueTask RunAsync<T>(
        string place, string name, FileChange change, Func<Task<T?>> read, Func<byte[], T?, Task> write, TimeProvider clock, CancellationToken ct)
        where T : class, IFileState
    {
        for (var round = 0; round < MostRounds; round++)
        {
            // :: Step 1
            var now = await read();
            if (change.Apply(now?.Bytes) is not { } wanted)
            {
                return;
            }

            // :: Step 2
            await write(wanted, now);

            // :: Step 3: not all who met wait for the same time.
            await Task.Delay(Settling * (1 + Random.Shared.NextDouble()), clock, ct);
        }

        throw new PublishException($"Others have been changing {name} of {place} all the time.", "Try again when they are done.", mayPass: true);
    }
}

/// <summary>A file as it was read.</summary>
internal interface IFileState
{
    /// <summary>All of it.</summary>
    byte[] Bytes { get; }
}
