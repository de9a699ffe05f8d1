using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Rooms;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Rooms;

/// <summary>The moments at which one side of a connection ends while the other has only just begun.</summary>
public sealed class RoomConnectionTests : IDisposable
{
    private const string Hello = """{"type":"hello","version":1}""";

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(2);

    private readonly FakeClock _clock = new();
    private readonly WatchedClock _watched;
    private readonly RoomDirectory _rooms;
    private readonly ScriptedSocket _socket = new();

    public RoomConnectionTests()
    {
        _watched = new WatchedClock(_clock);
        _rooms = new RoomDirectory(new SluiceOptions(), _watched, NullLogger<RoomDirectory>.Instance);
    }

    public void Dispose()
    {
        _rooms.Dispose();
        _socket.Dispose();
    }

    [Fact]
    public async Task A_hello_after_the_goodbye_opens_nothing()
    {
        var run = RunAsync(_ => ValueTask.FromResult(false));
        _clock.Advance(Look);
        (await _socket.Goodbye.WaitAsync(Eventually.Patience)).ShouldBe("no-access");

        _socket.Say(Hello);
        await run.WaitAsync(Eventually.Patience);
        _socket.WasSent("welcome").ShouldBeFalse();
        _rooms.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Who_is_let_in_just_as_the_connection_ends_leaves_again()
    {
        using var stopping = new CancellationTokenSource();
        var run = RunAsync(_ => ValueTask.FromResult(true), stopping.Token);
        using var isEnding = new ManualResetEventSlim();
        _watched.AtLook(1, () =>
        {
            // In the middle of joining; the other side of the connection comes to its end.
            stopping.Cancel();
            isEnding.Wait(Eventually.Patience);
        });
        _socket.Say(Hello);
        (await _socket.Goodbye.WaitAsync(Eventually.Patience)).ShouldBe("stopping");
        (await Eventually.Holds(() => _clock.IsAwaitedIn(GoodbyeTime))).ShouldBeTrue();
        isEnding.Set();
        (await Eventually.Holds(() => _rooms.Count == 1)).ShouldBeTrue("the joining itself went on");
        _clock.Advance(GoodbyeTime);
        await run.WaitAsync(Eventually.Patience);

        _clock.Advance(TimeSpan.FromSeconds(61));
        _clock.Advance(TimeSpan.FromMinutes(6));
        _rooms.Count.ShouldBe(0, "nobody is there any more");
    }

    [Fact]
    public async Task A_look_that_fails_is_made_again()
    {
        var looks = 0;
        var run = RunAsync(_ => ++looks == 1 ? throw new InvalidDataException("The catalog cannot be read.") : ValueTask.FromResult(false));
        _socket.Say(Hello);
        (await Eventually.Holds(() => _socket.WasSent("welcome"))).ShouldBeTrue();
        _clock.Advance(Look);
        (await Eventually.Holds(() => _clock.IsAwaitedIn(Look))).ShouldBeTrue("it is looked at again");
        _socket.WasSent("error").ShouldBeFalse("nobody is turned out for that");
        _clock.Advance(Look);
        (await _socket.Goodbye.WaitAsync(Eventually.Patience)).ShouldBe("no-access");
        (await Eventually.Holds(() => _clock.IsAwaitedIn(GoodbyeTime))).ShouldBeTrue();
        _clock.Advance(GoodbyeTime);
        await run.WaitAsync(Eventually.Patience);
        looks.ShouldBe(2);
    }

    private Task RunAsync(Func<CancellationToken, ValueTask<bool>> stillOpens, CancellationToken stopping = default)
    {
        var door = new RoomDoor(new RoomSubject(RoomKey.Channel("any"), IsSynchronized: true, 3600), stillOpens);
        return new RoomConnection(_socket, door, _rooms, _watched, NullLogger<RoomWatch>.Instance)
            .RunAsync(TestContext.Current.CancellationToken, stopping);
    }
}
