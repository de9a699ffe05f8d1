using System.Reflection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Nodes;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>A rendition is put together by the server that has the turn.</summary>
public sealed class GatheringHoldTests(EncodeTaskTests.Film film) : IClassFixture<EncodeTaskTests.Film>
{
    private static readonly Holder Another = new("another");

    private readonly FakeClock _clock = new();

    [Fact]
    public async Task One_that_loses_it_in_the_middle_goes_on_when_it_has_it_again()
    {
        var marks = DispatchProxy.Create<ICatalog, Marks>();
        var mark = (Marks)(object)marks;
        await using var rig = await EncodeRig.PlanAsync(
            film.Source, new SluiceOptions { Ladder = [90], Storage = { Catalog = "postgres://one@127.0.0.1/for-all" } }, clock: _clock, gathers: catalog =>
            {
                mark.Inner = catalog;
                return marks;
            });
        var (holds, hold) = ((IHoldCatalog)rig.Catalog, $"gather {rig.Asset}");
        mark.First = async ct =>
        {
            await holds.LetGoAsync(hold, "test", ct);
            (await holds.HoldAsync(hold, Another, _clock.GetUtcNow(), TimeSpan.FromDays(1), ct)).ShouldBeTrue();
            _clock.Advance(Holds.Length / 3); // It finds out when it is to renew it.
            await Task.Delay(Timeout.Infinite, ct);
        };

        var running = rig.EncodeAsync((1, 6));
        (await Eventually.Holds(() => Task.FromResult(mark.IsStopped), 60)).ShouldBeTrue();
        await Task.Delay(200);
        running.IsCompleted.ShouldBeFalse("another server is at it");

        await holds.LetGoAsync(hold, Another.Name, default);
        (await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(running.IsCompleted);
        }, 60)).ShouldBeTrue();
        await running;

        (await rig.Catalog.ListChunksAsync(rig.Asset, default)).ShouldBeEmpty();
        rig.StoredObjects().ShouldBe(["a0.dat", "a0.idx", "plan.json", "source", "v0.dat", "v0.idx"], ignoreOrder: true);
        (await rig.Catalog.FindAsync(rig.Asset, default))!.Renditions.ShouldAllBe(rendition => rendition.IsListed);
    }

    /// <summary>The real catalog; what happens when the first rendition is marked is the test's.</summary>
    public class Marks : DispatchProxy
    {
        internal ICatalog Inner { get; set; } = null!;

        internal Func<CancellationToken, Task> First { get; set; } = null!;

        internal bool IsStopped { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ICatalog.MarkGatheredAsync) && !IsStopped ? StopAsync((CancellationToken)args![^1]!) : targetMethod.Invoke(Inner, args);

        private async Task StopAsync(CancellationToken ct)
        {
            try
            {
                await First(ct);
            }
            finally
            {
                IsStopped = true;
            }
        }
    }
}
