namespace Sluice.Server.Cli;

/// <summary>
/// Has a server fetch an address, and follows it to its end.
/// <code>
///   begin ──► size known? ── progress ──► over: the title, or why there is none
///     └─ fetched already: that one is followed     ▲ nobody answers: asked again, for a minute
/// </code>
/// The fetching is the server's: it goes on when this program is stopped.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="clock">Waits.</param>
internal sealed class RemoteFetch(SluiceClient server, TimeProvider clock)
{
    private const int Tries = 60; // In a row, one after each pause.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private string? _said;

    /// <summary>Runs.</summary>
    /// <param name="address">What to fetch: http, https or magnet.</param>
    /// <param name="title">Title, or null for the name of the file.</param>
    /// <param name="minutes">Life of the title, or null for no end.</param>
    /// <param name="ct">Stops following it.</param>
    /// <exception cref="CommandException">The server refused it, it failed, or nobody answered for a minute.</exception>
    public async Task<PublishedMedia> RunAsync(Uri address, string? title, int? minutes, CancellationToken ct)
    {
        var begun = await server.BeginImportAsync(address, title, minutes, ct);
        try
        {
            var import = await UntilAsync(begun, static i => i.IsOver || i.TotalBytes is not null, Say, ct);
            if (!import.IsOver)
            {
                import = await ByteProgress.RunAsync(import.Name, import.TotalBytes!.Value,
                    received => UntilAsync(import, static i => i.IsOver, i => received(i.Bytes), ct));
            }

            return import.MediaId is { } id
                ? await server.PublishedAsync(id, null, ct)
                : throw new CommandException(import.Reason ?? $"It was {import.State}.");
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("The server goes on fetching it. The same command follows it again; the library page calls it off.");
            throw;
        }
    }

    private async Task<FetchProgress> UntilAsync(FetchProgress import, Func<FetchProgress, bool> enough, Action<FetchProgress> tell, CancellationToken ct)
    {
        var left = Tries;
        for (var pause = FirstPause; !enough(import); pause = pause * 2 < Pause ? pause * 2 : Pause)
        {
            await Task.Delay(pause, clock, ct);
            try
            {
                import = await server.ImportAsync(import.Id, ct);
                left = Tries;
            }
            catch (Exception e) when (e is NoServerException or HttpRequestException or IOException && left-- > 0)
            {
                continue; // It is being started anew, and goes on where it was.
            }

            tell(import);
        }

        return import;
    }

    /// <summary>What it waits for, each once.</summary>
    private void Say(FetchProgress import)
    {
        if (import.Reason is { } reason && !import.IsOver && reason != _said)
        {
            _said = reason;
            Console.Error.WriteLine($"{import.Name}: {reason}");
        }
    }
}
