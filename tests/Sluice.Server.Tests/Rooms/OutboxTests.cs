using System.Text;
using Shouldly;
using Sluice.Server.Rooms;
using Sluice.Server.Rooms.Wire;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>What a slow member is told, and when it is given up.</summary>
public sealed class OutboxTests
{
    private readonly SteadyClock _clock = new(new FakeClock());
    private readonly Outbox _outbox = new();

    [Fact]
    public async Task Of_states_only_the_newest_is_sent_and_words_in_order()
    {
        _outbox.OfferWords("one"u8.ToArray());
        _outbox.OfferPeople("people 1"u8.ToArray());
        _outbox.OfferState("state 1"u8.ToArray());
        _outbox.OfferWords("two"u8.ToArray());
        _outbox.OfferState("state 2"u8.ToArray());
        _outbox.OfferPeople("people 2"u8.ToArray());
        _outbox.OfferWelcome("welcome"u8.ToArray());
        _outbox.End(Farewell.Bye);
        _outbox.End(Farewell.Replaced);

        (await AllAsync()).ShouldBe(["welcome", "state 2", "people 2", "one", "two", "end: bye"]);
    }

    [Fact]
    public async Task Who_lets_too_much_wait_is_sent_nothing_more()
    {
        for (var i = 0; i < 64; i++)
        {
            _outbox.OfferWords("line"u8.ToArray());
        }

        (await _outbox.TakeAsync(_clock, default)).Message.ShouldNotBeNull();
        _outbox.OfferWords("line"u8.ToArray());
        (await _outbox.TakeAsync(_clock, default)).Message.ShouldNotBeNull();
        for (var i = 0; i < 2; i++)
        {
            _outbox.OfferWords("line"u8.ToArray());
        }

        (await AllAsync()).ShouldBe(["end: too-slow"]);
    }

    [Fact]
    public async Task Who_waits_is_woken_by_what_comes()
    {
        var waiting = _outbox.TakeAsync(_clock, default).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        _outbox.OfferPing(new Ping(7, _clock.Now));
        Encoding.UTF8.GetString((await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Message!).ShouldStartWith("""{"type":"pong","time":7,""");
    }

    private async Task<List<string>> AllAsync()
    {
        var all = new List<string>();
        while (true)
        {
            var (message, end) = await _outbox.TakeAsync(_clock, default);
            all.Add(message is null ? "end: " + end!.Reason : Encoding.UTF8.GetString(message));
            if (end is not null)
            {
                return all;
            }
        }
    }
}
