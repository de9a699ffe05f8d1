using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Nodes;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>What a server has and no other, while time passes.</summary>
public sealed class HoldTests : IAsyncLifetime
{
    private static readonly TimeSpan Third = Holds.Length / 3;

    private readonly FakeClock _clock = new();
    private readonly SqliteHome _home = new();
    private SqliteCatalog _catalog = null!;
    private Table _table = null!;

    private Holds One => new(_table, _clock, NullLogger<Holds>.Instance, new Holder("one"));

    private Holds Two => new(_table, _clock, NullLogger<Holds>.Instance, new Holder("two"));

    public async ValueTask InitializeAsync()
    {
        _catalog = (SqliteCatalog)_home.Open();
        await _catalog.MigrateAsync(default);
        _table = new Table(_catalog);
    }

    public async ValueTask DisposeAsync()
    {
        _catalog.Dispose();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task It_is_kept_until_it_is_given_back()
    {
        var hold = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        for (var n = 0; n < 10; n++)
        {
            await PassAsync(hold);
        }

        (await Two.TryTakeAsync("a", default)).ShouldBeNull();
        hold.Lost.IsCancellationRequested.ShouldBeFalse();

        await hold.DisposeAsync();
        await using var other = (await Two.TryTakeAsync("a", default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task It_is_lost_when_another_has_it()
    {
        await using var hold = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        await _catalog.LetGoAsync("a", "one", default);
        (await _catalog.HoldAsync("a", new Holder("two"), _clock.GetUtcNow(), TimeSpan.FromDays(1), default)).ShouldBeTrue();

        await PassAsync(hold);

        (await Eventually.Holds(() => hold.Lost.IsCancellationRequested)).ShouldBeTrue();
        await hold.DisposeAsync();
        (await _catalog.HolderAsync("a", _clock.GetUtcNow(), default)).ShouldBe(new Holder("two"), "it was not ours to give back");
    }

    [Fact]
    public async Task It_outlives_a_catalog_that_is_out_of_reach_for_a_moment_and_no_more()
    {
        await using var hold = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        _table.IsGone = true;
        await PassAsync(hold);
        await PassAsync(hold);
        hold.Lost.IsCancellationRequested.ShouldBeFalse();
        _table.IsGone = false;
        await PassAsync(hold);
        _table.IsGone = true;
        await PassAsync(hold);
        await PassAsync(hold);
        hold.Lost.IsCancellationRequested.ShouldBeFalse("it was renewed in between");
        await PassAsync(hold);

        (await Eventually.Holds(() => hold.Lost.IsCancellationRequested)).ShouldBeTrue();
    }

    [Fact]
    public async Task It_is_lost_in_time_when_the_catalog_does_not_answer()
    {
        await using var hold = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        _table.Hangs = true;
        _clock.Advance(Third);
        (await Eventually.Holds(() => _table.IsHanging && _clock.IsAwaitedIn(2 * Third))).ShouldBeTrue();
        hold.Lost.IsCancellationRequested.ShouldBeFalse();

        _clock.Advance(2 * Third);

        (await Eventually.Holds(() => hold.Lost.IsCancellationRequested)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_comes_too_late_does_not_take_it_anew()
    {
        await using var hold = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        (await hold.StandsAsync(default)).ShouldBeTrue();

        // The process stood still, and another had it meanwhile.
        var later = _clock.GetUtcNow() + (2 * Holds.Length);
        (await _catalog.HoldAsync("a", new Holder("two"), later, Holds.Length, default)).ShouldBeTrue();
        await _catalog.LetGoAsync("a", "two", default);
        await PassAsync(hold);

        (await Eventually.Holds(() => hold.Lost.IsCancellationRequested)).ShouldBeTrue();
        (await hold.StandsAsync(default)).ShouldBeFalse();
        (await _catalog.HolderAsync("a", later, default)).ShouldBeNull();
    }

    [Fact]
    public async Task One_that_was_lost_is_not_given_back_for_the_next()
    {
        var lost = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        await _catalog.LetGoAsync("a", "one", default);
        await PassAsync(lost);
        (await Eventually.Holds(() => lost.Lost.IsCancellationRequested)).ShouldBeTrue();
        await using var next = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();

        await lost.DisposeAsync();

        (await next.StandsAsync(default)).ShouldBeTrue();
    }

    [Fact]
    public async Task It_stands_no_more_as_soon_as_another_has_it()
    {
        await using var hold = (await One.TryTakeAsync("a", default)).ShouldNotBeNull();
        await _catalog.LetGoAsync("a", "one", default);
        (await hold.StandsAsync(default)).ShouldBeFalse();
        (await _catalog.HoldAsync("a", new Holder("two"), _clock.GetUtcNow(), TimeSpan.FromDays(1), default)).ShouldBeTrue();
        (await hold.StandsAsync(default)).ShouldBeFalse();
        hold.Lost.IsCancellationRequested.ShouldBeFalse("it was not told yet");
    }

    /// <summary>Lets a third of a hold's length pass, and the renewal that is due then happen.</summary>
    private async Task PassAsync(Hold hold)
    {
        var asked = _table.Asked;
        _clock.Advance(Third);
        (await Eventually.Holds(() => _table.Asked > asked && (_clock.IsAwaitedIn(Third) || hold.Lost.IsCancellationRequested))).ShouldBeTrue();
    }

    /// <summary>The real one, as long as it is there.</summary>
    private sealed class Table(IHoldCatalog inner) : IHoldCatalog
    {
        private int _asked;

        public bool IsGone { get; set; }

        public bool Hangs { get; set; }

        public bool IsHanging { get; private set; }

        public int Asked => Volatile.Read(ref _asked);

        public Task<bool> HoldAsync(string name, Holder holder, DateTimeOffset now, TimeSpan length, CancellationToken ct) =>
            AskAsync(() => inner.HoldAsync(name, holder, now, length, ct), ct);

        public Task<bool> KeepAsync(string name, Holder holder, DateTimeOffset now, TimeSpan length, CancellationToken ct) =>
            AskAsync(() => inner.KeepAsync(name, holder, now, length, ct), ct);

        private async Task<bool> AskAsync(Func<Task<bool>> ask, CancellationToken ct)
        {
            if (Hangs)
            {
                IsHanging = true;
                await Task.Delay(Timeout.Infinite, ct);
            }

            try
            {
                return IsGone ? throw new CatalogUnreachableException("gone", new IOException()) : await ask();
            }
            finally
            {
                Interlocked.Increment(ref _asked);
            }
        }

        public Task LetGoAsync(string name, string owner, CancellationToken ct) => inner.LetGoAsync(name, owner, ct);

        public Task LetAllGoAsync(string prefix, string owner, CancellationToken ct) => inner.LetAllGoAsync(prefix, owner, ct);

        public Task ForgetAsync(string prefix, DateTimeOffset now, CancellationToken ct) => inner.ForgetAsync(prefix, now, ct);

        public Task<Holder?> HolderAsync(string name, DateTimeOffset now, CancellationToken ct) => inner.HolderAsync(name, now, ct);
    }
}
