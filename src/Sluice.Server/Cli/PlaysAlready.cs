namespace Sluice.Server.Cli;

/// <summary>While a file is sent, asks now and then whether it plays already, and says so once. A courtesy: whatever goes wrong with it, the
/// file is sent all the same.</summary>
/// <param name="ask">Asks the server; answers <c>now</c>, <c>at-end</c>, <c>unknown</c> or null.</param>
/// <param name="say">Says that it plays.</param>
/// <param name="clock">Waits.</param>
internal sealed class PlaysAlready(Func<CancellationToken, Task<string?>> ask, Func<CancellationToken, Task> say, TimeProvider clock)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);
    private bool _isOver;

    /// <summary>Asks for as long as <paramref name="sending"/> goes on.</summary>
    public async Task<T> WhileAsync<T>(Func<Task<T>> sending, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var asking = AskAsync(over.Token);
        try
        {
            return await sending();
        }
        finally
        {
            await over.CancelAsync();
            await asking;
        }
    }

    private async Task AskAsync(CancellationToken ct)
    {
        try
        {
            while (!_isOver)
            {
                await Task.Delay(Between, clock, ct);
                var plays = await ask(ct);
                _isOver = plays is "now" or "at-end";
                if (plays == "now")
                {
                    await say(ct);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or CommandException)
        {
            return;
        }
    }
}
