using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Store;
using Sluice.Server.Transcode;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>What one process made, the next one does not make again.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-restart-");
    private readonly string _film;

    public RestartTests()
    {
        _film = Path.Combine(_folder.FullName, "film.avi");
        Ffmpeg.Make("-f lavfi -i testsrc2=s=160x90:r=25 -t 12 -c:v mpeg4 -q:v 5", _film);
    }

    [Fact]
    public async Task A_gathered_rendition_is_not_encoded_again_after_a_restart()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, new SluiceOptions { Ladder = [90] });
        await rig.EncodeAsync((1, 4));
        var written = File.GetLastWriteTimeUtc(rig.PathOf("v0.dat"));

        rig.Restart();
        await rig.EncodeAsync((1, 4));

        File.GetLastWriteTimeUtc(rig.PathOf("v0.dat")).ShouldBe(written);
        rig.StoredObjects().ShouldBe(["plan.json", "source", "v0.dat", "v0.idx"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_a_killed_gathering_left_undone_is_done_after_the_restart()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, new SluiceOptions { Ladder = [90] });
        await rig.EncodeAsync((1, 4));
        var written = File.GetLastWriteTimeUtc(rig.PathOf("v0.dat"));

        // Killed when payload and index were there, and a row with its object was not removed yet.
        var job = new NewJob(JobKind.Encode, [new NewTask(Urgency.Background, 1, 4)]);
        await rig.Catalog.AddJobsAsync(rig.Asset, [job], DateTimeOffset.UnixEpoch, default);
        var task = (await rig.Catalog.ClaimAsync("test", Urgency.Background, DateTimeOffset.UnixEpoch, TimeSpan.FromHours(1), default)).ShouldNotBeNull();
        await rig.Catalog.PublishChunkAsync(task, new ChunkRow("v0", 2, task.Fence, 3, 1, new byte[32], false), default);
        await File.WriteAllBytesAsync(rig.PathOf(ObjectKey.Chunk(rig.Asset, "v0", 2, task.Fence).Name), [1, 2, 3], TestContext.Current.CancellationToken);

        rig.Restart();
        (await rig.Executor.RunAsync(task, default)).Reason.ShouldBeNull();

        (await rig.Catalog.ListChunksAsync(rig.Asset, default)).ShouldBeEmpty();
        rig.StoredObjects().ShouldBe(["plan.json", "source", "v0.dat", "v0.idx"], ignoreOrder: true);
        File.GetLastWriteTimeUtc(rig.PathOf("v0.dat")).ShouldBe(written);
    }

    [Fact]
    public async Task A_chunk_that_was_stored_and_never_published_goes_with_the_others()
    {
        await using var rig = await EncodeRig.PlanAsync(Source, new SluiceOptions { Ladder = [90] });
        await File.WriteAllBytesAsync(rig.PathOf("v0-2.1000.m4s"), [1, 2, 3], TestContext.Current.CancellationToken);

        await rig.EncodeAsync((1, 4));

        rig.StoredObjects().ShouldBe(["plan.json", "source", "v0.dat", "v0.idx"], ignoreOrder: true);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private EncodeSource Source => new()
    {
        Path = _film,
        StartsAtZero = true,
        Video = new EncodedPicture(0, new Media.Cmaf.Rational(25, 1), 12, 160, 90, false, false, new ColorTags(null, null, null), false),
        Audio = [],
    };
}
