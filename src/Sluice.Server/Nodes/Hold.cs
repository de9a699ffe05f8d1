using Sluice.Server.Catalog;

namespace Sluice.Server.Nodes;

/// <summary>
/// What this server has and no other, renewed until it is given back.
/// <code>
///   taken ──▶ renewed, every third of its length ──▶ given back
///                └──▶ another's, or not renewed in time: lost
/// </code>
/// </summary>
internal sealed partial class Hold : IAsyncDisposable
{
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly IHoldCatalog _catalog;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Holder _holder;
    private readonly TimeSpan _length;
    private readonly bool _isLasting;
    private readonly Task _renewing;
    private bool _isGivenBack;
    private bool _isAnothers;

    /// <param name="catalog">Has given it.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">For what could not be kept.</param>
    /// <param name="name">What it is.</param>
    /// <param name="holder">This server.</param>
    /// <param name="since">When it was taken.</param>
    /// <param name="length">Time without a sign of life after which it is anybody's.</param>
    /// <param name="isLasting">It is not lost while nobody reaches the catalog.</param>
    public Hold(
        IHoldCatalog catalog, TimeProvider clock, ILogger logger, string name, Holder holder, DateTimeOffset since, TimeSpan length, bool isLasting = false)
    {
        (_catalog, _clock, _logger, Name, _holder, _length, _isLasting) = (catalog, clock, logger, name, holder, length, isLasting);
        _renewing = RenewAsync(since + length);
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>For what is written only while it is this server's.</summary>
    public Fence Fence => new(Name, _holder.Name);

    /// <summary>It may be another's now: whatever was done with it has to end.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Whether it is this server's still, as the catalog says.</summary>
    public async Task<bool> StandsAsync(CancellationToken ct) =>
        !_lost.IsCancellationRequested && (await _catalog.HolderAsync(Name, _clock.GetUtcNow(), ct))?.Name == _holder.Name;

    /// <summary>Gives it back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isGivenBack, true))
        {
            return;
        }

        await StopAsync();
        if (!_isAnothers) // Else what this server has of that name by now is another hold.
        {
            await LetGoAsync();
        }
    }

    /// <summary>Stops renewing it, and does not give it back: it is this server's for as long as it lasts, should it come again.</summary>
    public async Task LeaveAsync()
    {
        if (!Interlocked.Exchange(ref _isGivenBack, true))
        {
            await StopAsync();
        }
    }

    private async Task StopAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        _lost.Dispose();
        _ended.Dispose();
    }

    private async Task LetGoAsync()
    {
        try
        {
            await _catalog.LetGoAsync(Name, _holder.Name, CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.NotGivenBack(_logger, e, Name); // Its time will pass.
        }
    }

    private async Task RenewAsync(DateTimeOffset until)
    {
        while (true)
        {
            try
            {
                await Task.Delay(_length / 3, _clock, _ended.Token);
                var now = _clock.GetUtcNow();
                if (!await AskAsync(now, until))
                {
                    _isAnothers = true;
                    break;
                }

                until = now + _length;
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.NotRenewed(_logger, e, Name);
                if (_clock.GetUtcNow() >= until && !_isLasting)
                {
                    break;
                }
            }
        }

        Log.Lost(_logger, Name);
        await _lost.CancelAsync();
    }

    /// <summary>Renews it. A catalog that does not answer is waited for only as long as nobody else can have it.</summary>
    private async Task<bool> AskAsync(DateTimeOffset now, DateTimeOffset until)
    {
        using var late = new CancellationTokenSource(until > now ? until - now : _length, _clock);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _ended.Token);
        return await _catalog.KeepAsync(Name, _holder, now, _length, ends.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The hold of {Name} could not be renewed")]
        public static partial void NotRenewed(ILogger logger, Exception e, string name);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The hold of {Name} could not be given back")]
        public static partial void NotGivenBack(ILogger logger, Exception e, string name);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} may be another server's now")]
        public static partial void Lost(ILogger logger, string name);
    }
}
