using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Who makes a title of an upload when two servers might.</summary>
[Collection(nameof(Swift))]
public sealed class SharedUploadEndTests(Swift swift, PostgresServers servers) : SharedUploads(swift, servers)
{
    [Fact]
    public async Task What_a_server_stored_that_died_before_the_title_had_its_row_is_in_nobodys_way()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await using (var stage = One.Of<IObjectStore>().Stage(id))
        {
            await System.IO.File.WriteAllBytesAsync(stage.PathOf("source"), [1, 2, 3]);
            await stage.CommitAsync(default);
        }

        await AppendAsync(B, path, 100_000, 300_000);
        (await SourceAsync(Two, path)).ShouldBe(Hash(File));
    }

    [Fact]
    public async Task A_title_is_made_when_nobody_clears_up_what_was_left_of_it_any_more()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var (length, since) = (TimeSpan.FromSeconds(2), Stopwatch.StartNew());
        (await Holds.HoldAsync($"title {TusCalls.IdOf(path)}", new Holder("another"), TimeProvider.System.GetUtcNow(), length, default)).ShouldBeTrue();

        await AppendAsync(B, path, 100_000, 300_000);

        since.Elapsed.ShouldBeGreaterThan(length * 0.9);
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task What_another_server_stores_just_now_is_let_alone_until_its_turn_is_over()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        (await Holds.HoldAsync($"title {id}", new Holder("another"), TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(3), default)).ShouldBeTrue();
        await using (var stage = Two.Of<IObjectStore>().Stage(id))
        {
            await System.IO.File.WriteAllBytesAsync(stage.PathOf("source"), [1, 2, 3]);
            await stage.CommitAsync(default);
        }

        var stored = (await NamesAsync()).Where(name => name.Contains("/media/", StringComparison.Ordinal)).ToList();
        var ending = AppendAsync(A, path, 100_000, 300_000);
        for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(2);)
        {
            (await NamesAsync()).Where(name => name.Contains("/media/", StringComparison.Ordinal)).ShouldBe(stored);
            await Task.Delay(50);
        }

        await ending;
        (await SourceAsync(One, path)).ShouldBe(Hash(File));
    }

    [Fact]
    public async Task A_server_that_lost_its_turn_and_does_not_know_publishes_nothing_and_removes_nothing()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);

        // As if it had stood still behind the moment in which it got its turn.
        await RunAsync(
            $"""
             CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.owner = 'another'; NEW.until = NEW.until - 6000000; RETURN NEW; END $$;
             CREATE TRIGGER lose BEFORE INSERT ON holds FOR EACH ROW WHEN (NEW.name = 'title {id}' AND NEW.owner <> 'another') EXECUTE FUNCTION lose();
             """);
        using (var answer = await A.PatchAsync(path, 100_000, File[100_000..]))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, "all bytes came; the title comes when another server has made it");
        }

        (await One.Of<ICatalog>().FindAsync(id, default)).ShouldBeNull();
        (await One.Of<ICatalog>().FindUploadAsync(id, default))!.IsOpen.ShouldBeTrue();
        (await PiecesAsync()).Count.ShouldBe(2);
        (await NamesAsync()).ShouldContain(name => name.EndsWith($"{id}/source", StringComparison.Ordinal), "who has the turn clears that up");

        await RunAsync("DROP TRIGGER lose ON holds");
        (await Eventually.Holds(async () => await One.Of<ICatalog>().FindUploadAsync(id, default) is { IsOpen: false })).ShouldBeTrue();
        await ShouldBeTitleAsync(path);
    }

    [Fact]
    public async Task Who_was_silent_behind_its_last_byte_finishes_nothing_that_another_server_has_taken()
    {
        var path = await A.NewAsync(File.Length);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        using var silent = new RawTus(One);
        await silent.BeginAsync("PATCH", path, "Upload-Offset: 0", $"Content-Type: {TusCalls.BodyType}", "Transfer-Encoding: chunked");
        await silent.SendAsync(System.Text.Encoding.ASCII.GetBytes($"{File.Length:x}\r\n"));
        await silent.SendAsync(File);
        await silent.SendAsync("\r\n"u8.ToArray());
        var hold = $"upload {id}";
        (await Eventually.Holds(async () => await Holds.HolderAsync(hold, DateTimeOffset.UtcNow, default) is not null)).ShouldBeTrue();
        (await Eventually.Holds(async () => await Holds.HoldAsync(
            hold, new Holder("another"), TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(4), default))).ShouldBeTrue();

        await silent.SendAsync("0\r\n\r\n"u8.ToArray());
        (await silent.AnswerAsync()).ShouldContain("204");

        (await One.Of<ICatalog>().FindAsync(id, default)).ShouldBeNull();
        (await Eventually.Holds(async () => await One.Of<ICatalog>().FindUploadAsync(id, default) is { IsOpen: false })).ShouldBeTrue();
        await ShouldBeTitleAsync(path);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_be_stored_is_removed_unless_another_server_is_at_it(bool isAnothers)
    {
        await using var faulty = await FaultyAsync();
        await using var server = await StartAsync(bucket: faulty.Url);
        var calls = new TusCalls(server.Http);
        var path = await calls.NewAsync(File.Length);
        await AppendAsync(calls, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        var anothers = isAnothers ? 1 : 0;
        Func<string, bool> isSource = asked => asked.EndsWith($"{id}/source", StringComparison.Ordinal);
        faulty.Holds = async asked =>
        {
            if (isSource(asked) && Interlocked.Decrement(ref anothers) == 0)
            {
                // As if this server had stood still for longer than its turn.
                await RunAsync($"UPDATE holds SET owner = 'another' WHERE name = 'title {id}'");
                await using var stage = Two.Of<IObjectStore>().Stage(id);
                await System.IO.File.WriteAllBytesAsync(stage.PathOf("source"), [1, 2, 3]);
                await stage.CommitAsync(default);
            }
        };
        faulty.WriteFaultOf = asked => isSource(asked) ? Fault.Error : Fault.None;

        using var answer = await calls.PatchAsync(path, 100_000, File[100_000..]);

        answer.IsSuccessStatusCode.ShouldBeFalse();
        var names = (await NamesAsync()).Where(name => name.Contains(id.Value, StringComparison.Ordinal) && !name.Contains("/uploads/", StringComparison.Ordinal));
        if (isAnothers)
        {
            names.ShouldContain(name => isSource(name));
            anothers.ShouldBeLessThan(1);
        }
        else
        {
            names.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task What_was_given_up_while_a_server_waited_to_make_a_title_of_it_becomes_none()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        (await Holds.HoldAsync($"title {id}", new Holder("another"), TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(2), default)).ShouldBeTrue();
        var ending = A.PatchAsync(path, 100_000, File[100_000..]);
        (await Eventually.Holds(async () => (await One.Of<ICatalog>().FindUploadAsync(id, default))!.IsComplete)).ShouldBeTrue();

        // As another server does whose client gives it up, when this one has stood still for longer than it has the upload.
        await RunAsync($"DELETE FROM holds WHERE name = 'upload {id}'; UPDATE uploads SET reason = 'The client gave it up.' WHERE id = '{id}'");
        (await ending).Dispose();

        (await One.Of<ICatalog>().FindAsync(id, default)).ShouldBeNull();
        (await One.Of<ICatalog>().FindUploadAsync(id, default))!.Reason.ShouldBe("The client gave it up.");
        (await NamesAsync()).ShouldNotContain(name => name.Contains($"/media/{id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_lost_an_upload_does_not_refuse_it()
    {
        var path = await A.NewAsync(File.Length, ("Upload-Metadata", TusCalls.Metadata(("sha256", new string('0', 64)))));
        await AppendAsync(A, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        await RunAsync(
            $"""
             CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN NEW.owner = 'another'; NEW.until = NEW.until - 6000000; RETURN NEW; END $$;
             CREATE TRIGGER lose BEFORE INSERT ON holds FOR EACH ROW WHEN (NEW.name = 'upload {id}' AND NEW.owner <> 'another') EXECUTE FUNCTION lose();
             """);

        (await A.PatchAsync(path, 100_000, File[100_000..])).Dispose();

        (await One.Of<ICatalog>().FindUploadAsync(id, default))!.IsOpen.ShouldBeTrue();
        (await PiecesAsync()).Count.ShouldBe(2);

        await RunAsync("DROP TRIGGER lose ON holds");
        (await Eventually.Holds(async () => await One.Of<ICatalog>().FindUploadAsync(id, default) is { Reason: not null })).ShouldBeTrue();
        await ShouldBeGoneAsync(path);
    }

    [Fact]
    public async Task What_has_become_a_title_is_not_given_up_by_who_does_not_know()
    {
        var path = await A.NewAsync(File.Length);
        await AppendAsync(A, path, 0, 100_000);
        var id = AssetId.Parse(TusCalls.IdOf(path), null);
        var before = (await One.Of<ICatalog>().FindUploadAsync(id, default))!;
        await AppendAsync(B, path, 100_000, 300_000);

        await One.Of<UploadFinishing>().GiveUpAsync(before, "Too late.");

        var upload = (await One.Of<ICatalog>().FindUploadAsync(id, default))!;
        upload.Asset.ShouldBe(id);
        upload.Reason.ShouldBeNull();
        await ShouldBeTitleAsync(path);
    }
}
