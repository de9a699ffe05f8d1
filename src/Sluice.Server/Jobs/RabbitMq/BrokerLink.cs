using RabbitMQ.Client;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>
/// A connection to the broker that is made again whenever it ends, after 1 s, 2 s, 4 s… up to <see cref="LongestPause"/>. Not by the
/// library's own recovery: what was confirmed or acknowledged on a connection dies with it, so its user begins anew with each.
/// </summary>
/// <param name="factory">Opens connections.</param>
/// <param name="what">Names them, for operators at the broker.</param>
/// <param name="lost">Told each time that there is none.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">For what goes wrong, once until it goes well again.</param>
internal sealed partial class BrokerLink(ConnectionFactory factory, string what, Action lost, TimeProvider clock, ILogger logger)
{
    /// <summary>Between two attempts.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>A broker that does not answer is not waited for.</summary>
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private State _state = new(IsUp: false, "It has not been reached yet.", clock.GetUtcNow());
    private State? _blocked;
    private long _losses;

    /// <summary>How it is now.</summary>
    public State Now
    {
        get
        {
            lock (_gate)
            {
                return _blocked ?? _state;
            }
        }
    }

    /// <summary>Times that a connection ended or could not be made.</summary>
    public long Losses => Interlocked.Read(ref _losses);

    /// <summary>Gives one connection after the other to <paramref name="use"/>, until the end.</summary>
    /// <param name="use">Uses one until it breaks; it calls <see cref="Up"/> as soon as all is well.</param>
    /// <param name="ct">The end.</param>
    public async Task RunAsync(Func<IConnection, CancellationToken, Task> use, CancellationToken ct)
    {
        var pause = FirstPause;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await UseOneAsync(use, ct);
            }
            catch (Exception e) when (BrokerFaults.Is(e) && ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                pause = Now is { IsUp: true } or { IsBlocked: true } ? FirstPause : pause; // It went well for a while.
                Down(e);
            }

            await Task.Delay(pause * (1 + (Random.Shared.NextDouble() / 4)), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>The connection works; nothing changes when that is known.</summary>
    public void Up()
    {
        lock (_gate)
        {
            if (_state.IsUp)
            {
                return;
            }

            _state = new State(IsUp: true, null, clock.GetUtcNow());
        }

        Log.Connected(logger, what);
    }

    private async Task UseOneAsync(Func<IConnection, CancellationToken, Task> use, CancellationToken ct)
    {
        var connection = await factory.CreateConnectionAsync($"sluice {what}", ct);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        connection.ConnectionShutdownAsync += (_, _) => ended.CancelAsync();
        connection.ConnectionBlockedAsync += (_, told) => ended.IsCancellationRequested ? Task.CompletedTask : Blocked(told.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => Unblocked();
        try
        {
            if (connection.IsOpen)
            {
                await use(connection, ended.Token);
            }
        }
        catch (Exception e) when (BrokerFaults.Is(e) && connection.CloseReason is { Initiator: not ShutdownInitiator.Application } reason)
        {
            throw new BrokerLostException($"The connection ended: {reason.ReplyText}.");
        }
        finally
        {
            await GoodbyeAsync(connection);
        }
    }

    /// <summary>Waits a moment for the goodbye, and leaves it alone then: the library's waits for as long as the broker reads nothing.</summary>
    private static Task GoodbyeAsync(IConnection connection) => Task.WhenAny(CloseAsync(connection), Task.Delay(Goodbye, CancellationToken.None));

    private static async Task CloseAsync(IConnection connection)
    {
        try
        {
            await connection.CloseAsync(Constants.ReplySuccess, "done", Goodbye, abort: true, CancellationToken.None);
            await connection.DisposeAsync();
        }
        catch (Exception e) when (BrokerFaults.Is(e))
        {
            // It has gone already.
        }
    }

    /// <summary>The broker has no room and says so: it reads nothing from this connection, which stays, and all that was sent is confirmed afterwards.</summary>
    private Task Blocked(string reason)
    {
        var trouble = $"It has no room and takes nothing: {reason}.";
        lock (_gate)
        {
            _blocked = new State(IsUp: false, trouble, clock.GetUtcNow(), IsBlocked: true);
        }

        Log.Full(logger, what, trouble);
        lost();
        return Task.CompletedTask;
    }

    private Task Unblocked()
    {
        lock (_gate)
        {
            (_state, _blocked) = (_state with { Since = clock.GetUtcNow() }, null);
        }

        Log.HasRoom(logger, what);
        return Task.CompletedTask;
    }

    private void Down(Exception e)
    {
        Interlocked.Increment(ref _losses);
        var trouble = BrokerFaults.Of(e);
        bool isNew;
        lock (_gate)
        {
            _blocked = null;
            isNew = _state.IsUp || _state.Trouble != trouble;
            _state = new State(IsUp: false, trouble, isNew ? clock.GetUtcNow() : _state.Since);
        }

        if (!BrokerFaults.Is(e))
        {
            Log.Broke(logger, e, what);
        }
        else if (isNew)
        {
            Log.Lost(logger, what, trouble);
        }

        lost();
    }

    /// <summary>How a link is.</summary>
    /// <param name="IsUp">It works.</param>
    /// <param name="Trouble">Why it does not.</param>
    /// <param name="Since">Since when.</param>
    /// <param name="IsBlocked">It is connected, to a broker that has no room.</param>
    internal readonly record struct State(bool IsUp, string? Trouble, DateTimeOffset Since, bool IsBlocked = false);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The broker is connected, for {What}")]
        public static partial void Connected(ILogger logger, string what);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is not connected, for {What}; work goes on, found in the catalog. {Trouble}")]
        public static partial void Lost(ILogger logger, string what, string trouble);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is full, for {What}; work goes on, found in the catalog. {Trouble}")]
        public static partial void Full(ILogger logger, string what, string trouble);

        [LoggerMessage(Level = LogLevel.Information, Message = "The broker has room again, for {What}")]
        public static partial void HasRoom(ILogger logger, string what);

        [LoggerMessage(Level = LogLevel.Error, Message = "The connection to the broker failed, for {What}")]
        public static partial void Broke(ILogger logger, Exception e, string what);
    }
}
