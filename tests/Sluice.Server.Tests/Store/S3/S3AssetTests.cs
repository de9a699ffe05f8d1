using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Store;
using Sluice.Server.Store.S3;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Store.S3;

/// <summary>What is remembered of an asset while others change it.</summary>
public sealed class S3AssetTests
{
    private static readonly AssetId Id = AssetId.New();
    private static readonly ObjectKey Wanted = ObjectKey.Gathered(Id, "a0");

    [Fact]
    public async Task What_is_put_there_meanwhile_holds_up_nobody_and_stays()
    {
        var (lists, fresh) = (0, Made("new"));
        S3Asset asset = null!;
        asset = new S3Asset(
            (_, _) =>
            {
                lists++;
                asset.TryAdd("v0.idx", fresh).ShouldBeTrue();
                return Found((Wanted.Name, Made("wanted")), ("v0.idx", Made("old")));
            },
            new FakeClock());

        (await asset.FindAsync(Wanted, default)).ShouldNotBeNull().At.Name.ShouldBe("wanted");
        (await asset.FindAsync(ObjectKey.Index(Id, "v0"), default)).ShouldBeSameAs(fresh, "what was put there is known better");
        lists.ShouldBe(1);
        asset.Dispose();
    }

    [Fact]
    public async Task What_is_removed_meanwhile_does_not_come_back_and_nobody_waits_without_end()
    {
        var lists = 0;
        S3Asset asset = null!;
        asset = new S3Asset(
            (_, _) =>
            {
                (++lists).ShouldBeLessThan(10);
                asset.Doom("v0.idx", () => asset.Removed("v0.idx"));
                return Found((Wanted.Name, Made("wanted")), ("v0.idx", Made("gone")));
            },
            new FakeClock());

        (await asset.FindAsync(ObjectKey.Index(Id, "v0"), default)).ShouldBeNull();
        lists.ShouldBeLessThanOrEqualTo(4, "two for whether it is visible, and two for the object");
        asset.Dispose();
    }

    private static S3Object Made(string name) => new(new S3Listed(name, 1, "\"tag\""), _ => throw new InvalidOperationException("nobody reads it"));

    private static Task<S3Found> Found(params (string Name, S3Object Object)[] objects) =>
        Task.FromResult(new S3Found(true, [.. objects.Select(o => KeyValuePair.Create(o.Name, o.Object))]));
}
