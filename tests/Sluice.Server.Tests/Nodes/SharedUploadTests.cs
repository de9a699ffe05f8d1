using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Uploads by tus at two servers over one database and one bucket.</summary>
[Collection(nameof(Swift))]
public sealed class SharedUploadTests(Swift swift, PostgresServers servers) : SharedUploads(swift, servers)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_goes_on_at_another_server_and_ends_at_either(bool endsAtTheOther)
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        (await B.OffsetAsync(path)).ShouldBe(100_000);
        await AppendAsync(B, path, 100_000, 200_000);
        (await A.OffsetAsync(path)).ShouldBe(200_000);
        (await PiecesAsync()).Count.ShouldBe(2);

        await AppendAsync(endsAtTheOther ? B : A, path, 200_000, 300_000);

        await ShouldBeTitleAsync(path);
        await ShouldBeGoneAsync(path);
    }

    [Fact]
    public async Task A_server_that_dies_is_followed_by_another_from_what_was_acknowledged()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);

        // As a server leaves it that dies while it receives: bytes that nobody was told of, and the upload still its own.
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await System.IO.File.AppendAllTextAsync(One.Of<UploadShelf>().PathOf(id), new string('x', 5000));
        (await Holds.HoldAsync($"upload {id}", new Holder("the dead"), TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(2), default)).ShouldBeTrue();
        using (var busy = await B.PatchAsync(path, 100_000, File[100_000..]))
        {
            busy.StatusCode.ShouldBe(HttpStatusCode.Locked);
        }

        HttpStatusCode status = default;
        (await Eventually.Holds(async () =>
        {
            using var answer = await B.PatchAsync(path, 100_000, File[100_000..200_000]);
            return (status = answer.StatusCode) != HttpStatusCode.Locked;
        })).ShouldBeTrue();
        status.ShouldBe(HttpStatusCode.NoContent);

        // What it left on its own disk is behind, and is not taken for more.
        await AppendAsync(A, path, 200_000, 300_000);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task A_server_that_is_started_again_takes_nothing_back_and_goes_on()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var data = Directory.CreateTempSubdirectory("sluice-test-");
        await using (var third = await StartAsync(data.FullName))
        {
            await AppendAsync(new TusCalls(third.Http), path, 100_000, 200_000);
        }

        await StopAsync();
        await using (var alone = await StartAsync(data.FullName))
        {
            var calls = new TusCalls(alone.Http);
            (await calls.OffsetAsync(path)).ShouldBe(200_000, "its own disk has less, and that is no loss");
            using var last = await calls.PatchAsync(path, 200_000, File[200_000..]);
            last.StatusCode.ShouldBe(HttpStatusCode.NoContent, await last.Content.ReadAsStringAsync());
            (await SourceAsync(alone, path)).ShouldBe(Hash(File));
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Of_two_servers_that_append_at_once_one_is_told_so()
    {
        var path = await A.NewAsync(File.Length);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => (n % 2 == 0 ? A : B).PatchAsync(path, 0, File[..((n + 1) * 20_000)])));
        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.NoContent || answer.StatusCode == HttpStatusCode.Locked || answer.StatusCode == HttpStatusCode.Conflict);
        var at = (int)await A.OffsetAsync(path);
        at.ShouldBe((Array.FindIndex(answers, answer => answer.StatusCode == HttpStatusCode.NoContent) + 1) * 20_000);
        (await PiecesAsync()).Count.ShouldBe(1, "what the others brought is gone");

        await AppendAsync(B, path, at, File.Length);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task One_who_appends_without_the_hold_is_refused_by_the_row_and_harms_nothing()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        using var slow = await BeginAsync(One, path, 100_000, 100_000);
        await slow.SendAsync(new byte[50_000]);
        var hold = $"upload {TusCalls.IdOf(path)}";
        (await Eventually.Holds(async () => await Holds.HolderAsync(hold, DateTimeOffset.UtcNow, default) is not null)).ShouldBeTrue();

        // The first server is cut off from the catalog for long, and the second one goes on.
        await Holds.LetGoAsync(hold, One.Of<Sluice.Server.Nodes.Holds>().Self.Name, default);
        await AppendAsync(B, path, 100_000, 200_000);
        await slow.SendAsync(new byte[50_000]);
        (await slow.AnswerAsync()).ShouldContain("409");

        (await B.OffsetAsync(path)).ShouldBe(200_000);
        await AppendAsync(A, path, 200_000, 300_000);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task A_client_that_fell_silent_at_one_server_goes_on_at_the_other()
    {
        var path = await A.NewAsync(File.Length);
        using var silent = await BeginAsync(One, path, 0, 200_000);
        await silent.SendAsync(File.AsMemory(0, 80_000));

        (await Eventually.Holds(async () => await B.OffsetAsync(path) == 80_000)).ShouldBeTrue("what it brought is kept while it is silent");
        HttpStatusCode status = default;
        (await Eventually.Holds(async () =>
        {
            using var answer = await B.PatchAsync(path, 80_000, File[80_000..]);
            return (status = answer.StatusCode) != HttpStatusCode.Locked;
        })).ShouldBeTrue();
        status.ShouldBe(HttpStatusCode.NoContent);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task Parts_that_came_to_different_servers_are_joined_by_either()
    {
        var (first, second) = (await A.NewAsync(120_000, ("Upload-Concat", "partial")), await B.NewAsync(180_000, ("Upload-Concat", "partial")));
        await AppendAsync(A, first, 0, 120_000);
        using (var rest = await B.PatchAsync(second, 0, File[120_000..]))
        {
            rest.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        using var joined = await B.SendAsync(HttpMethod.Post, TusCalls.Root, null, ("Upload-Concat", $"final;{first} {second}"));
        joined.StatusCode.ShouldBe(HttpStatusCode.Created, await joined.Content.ReadAsStringAsync());
        await ShouldBeTitleAsync(TusCalls.PathOf(joined));
        await ShouldBeGoneAsync(first);
        await ShouldBeGoneAsync(second);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_at_another_server_leaves_nothing()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        using (var removed = await B.DeleteAsync(path))
        {
            removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        await ShouldBeGoneAsync(path);
        using var gone = await A.PatchAsync(path, 100_000, File[100_000..]);
        gone.StatusCode.ShouldBe(HttpStatusCode.Gone);
        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_expires_is_removed_by_whichever_server_looks_first_and_so_are_leavings()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        await AppendAsync(B, path, 100_000, 150_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await One.Of<IPieceStore>().PutAsync(id, new UploadPiece(0, 100, "dead"), One.Of<UploadShelf>().PathOf(id), default); // Of one who lost.
        var nobodys = AssetId.New();
        await One.Of<IPieceStore>().PutAsync(nobodys, new UploadPiece(0, 100, "dead"), One.Of<UploadShelf>().PathOf(id), default);

        await One.Of<ICatalog>().UpdateUploadAsync(id, u => u with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) }, default);
        (await Eventually.Holds(async () => (await A.HeadAsync(path)).StatusCode == HttpStatusCode.Gone)).ShouldBeTrue();
        await ShouldBeGoneAsync(path);
        (await Eventually.Holds(async () => (await NamesAsync()).Count == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_small_requests_make_few_pieces()
    {
        var path = await A.NewAsync(File.Length);
        for (var n = 0; n < 70; n++)
        {
            await AppendAsync(n % 2 == 0 ? A : B, path, n * 1000, (n + 1) * 1000);
        }

        (await PiecesAsync()).Count.ShouldBeLessThan(10);
        await AppendAsync(B, path, 70_000, File.Length);
        await ShouldBeTitleAsync(path);
    }
}
