using System.Collections.Concurrent;
using Shouldly;
using Sluice.Server.Sessions;
using Sluice.Server.Store;
using Sluice.Server.Tests.Support;
using Sluice.Server.Torrents;
using Xunit;

namespace Sluice.Server.Tests.Sessions;

/// <summary>Waiting for pieces: for a bounded time, one question each, and none that nobody asks any more.</summary>
public sealed class TorrentWaitsTests : IDisposable
{
    private const int PieceBytes = 1000;

    private readonly FakeClock _clock = new();
    private readonly Pieces _pieces = new();
    private readonly TorrentWaits _waits;

    public TorrentWaitsTests() => _waits = new TorrentWaits(_pieces, new TorrentFile(0, "film.mp4", 1500, 100_000), PieceBytes, _clock);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _waits.Dispose();

    [Fact]
    public async Task Who_waits_for_the_same_piece_waits_for_one_question()
    {
        // The file begins in the middle of piece 1: its bytes from 500 on are of piece 2.
        Task[] all = [WaitAsync(500), WaitAsync(900), WaitAsync(1499)];
        var asked = await _pieces.AskedAsync(0);
        asked.Came.SetResult();
        await Task.WhenAll(all).WaitAsync(Ct);
        await WaitAsync(700);
        _pieces.Asked.Count.ShouldBe(1);

        var next = WaitAsync(1500);
        (await _pieces.AskedAsync(1)).Came.SetResult();
        await next.WaitAsync(Ct);
    }

    [Fact]
    public async Task After_eight_seconds_one_is_told_to_come_back_and_then_it_may_be_here()
    {
        var waiting = WaitAsync(0);
        var asked = await _pieces.AskedAsync(0);
        _clock.Advance(TimeSpan.FromSeconds(7));
        _waits.Longest.ShouldBe(TimeSpan.FromSeconds(7));
        waiting.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await waiting.ShouldThrowAsync<SourceUnavailableException>()).IsPending.ShouldBeTrue();

        _clock.Advance(TimeSpan.FromSeconds(19));
        asked.Ct.IsCancellationRequested.ShouldBeFalse("who was told to come back will");
        var back = WaitAsync(0);
        asked.Came.SetResult();
        await back.WaitAsync(Ct);
        _pieces.Asked.Count.ShouldBe(1);
        _waits.Longest.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Nobody_who_comes_back_is_waited_for_without_end()
    {
        var waiting = WaitAsync(0);
        var asked = await _pieces.AskedAsync(0);
        _clock.Advance(TimeSpan.FromSeconds(8));
        await waiting.ShouldThrowAsync<SourceUnavailableException>();
        _clock.Advance(TimeSpan.FromSeconds(20));

        asked.Ct.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task What_the_last_viewer_left_is_not_asked_for_any_more()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        Task[] both = [_waits.WaitAsync(0, first.Token).AsTask(), _waits.WaitAsync(0, second.Token).AsTask()];
        var asked = await _pieces.AskedAsync(0);

        await first.CancelAsync();
        await both[0].ShouldThrowAsync<OperationCanceledException>();
        asked.Ct.IsCancellationRequested.ShouldBeFalse();
        await second.CancelAsync();
        await both[1].ShouldThrowAsync<OperationCanceledException>();

        asked.Ct.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Too_many_that_are_not_here_are_refused_at_once()
    {
        var waiting = Enumerable.Range(0, 64).Select(n => WaitAsync(n * PieceBytes)).ToArray();
        (await Should.ThrowAsync<SourceUnavailableException>(() => WaitAsync(64 * PieceBytes))).IsPending.ShouldBeTrue();

        _waits.Dispose();
        foreach (var wait in waiting)
        {
            await wait.ShouldThrowAsync<SourceUnavailableException>();
        }
    }

    [Fact]
    public async Task What_cannot_be_had_says_why()
    {
        var waiting = WaitAsync(0);
        (await _pieces.AskedAsync(0)).Came.SetException(new TorrentException("The disk is full."));
        (await waiting.ShouldThrowAsync<TorrentException>()).Message.ShouldBe("The disk is full.");

        var again = WaitAsync(0);
        (await _pieces.AskedAsync(1)).Came.SetResult();
        await again.WaitAsync(Ct);
    }

    [Fact]
    public async Task Parts_are_waited_for_together_and_no_longer_than_one()
    {
        // Pieces 2 and 3, and then 6.
        var waiting = _waits.WaitAsync([new BytePart(600, 1000), new BytePart(4600, 10)], Ct).AsTask();
        (await _pieces.AskedAsync(0)).Came.SetResult();
        var second = await _pieces.AskedAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        second.Came.SetResult();
        await _pieces.AskedAsync(2);
        _clock.Advance(TimeSpan.FromSeconds(2));
        waiting.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await waiting.ShouldThrowAsync<SourceUnavailableException>()).IsPending.ShouldBeTrue();

        // What came is here; what did not may still come.
        var again = _waits.WaitAsync([new BytePart(600, 1000), new BytePart(4600, 10)], Ct).AsTask();
        (await _pieces.AskedAsync(2)).Came.SetResult();
        await again.WaitAsync(Ct);
        _pieces.Asked.Count.ShouldBe(3);
        _pieces.Offsets.ShouldBe([600, 1500, 4600]);
    }

    private Task WaitAsync(long offset) => _waits.WaitAsync(offset, Ct).AsTask();

    /// <summary>A file that has what a test says.</summary>
    private sealed class Pieces : IObjectReader
    {
        public ConcurrentQueue<(TaskCompletionSource Came, CancellationToken Ct)> Asked { get; } = new();

        public ConcurrentQueue<long> Offsets { get; } = new();

        public long Length => 100_000;

        public async ValueTask PrepareAsync(long offset, CancellationToken ct)
        {
            var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Offsets.Enqueue(offset);
            Asked.Enqueue((came, ct));
            await came.Task.WaitAsync(ct);
        }

        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken ct) => throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing is held.
        }

        public async Task<(TaskCompletionSource Came, CancellationToken Ct)> AskedAsync(int number)
        {
            (await Eventually.Holds(() => Asked.Count > number)).ShouldBeTrue();
            return Asked.ElementAt(number);
        }
    }
}
