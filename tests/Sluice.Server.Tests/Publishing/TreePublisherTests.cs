using System.Text;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Publishing;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Whatever goes wrong, nothing is listed that is not there; and the same once more makes it whole.</summary>
public sealed class TreePublisherTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-tree-");
    private readonly TreePublisher _publisher = new(new SluiceOptions());

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Segments_are_there_before_playlists_and_those_before_what_lists_them()
    {
        var target = Target();
        var told = new List<long>();
        var tree = MadeTree.Of(segments: 20);
        var bytes = await _publisher.PublishAsync(tree, target, told.Add, default);

        var sent = target.Sent.ToList();
        sent[0].ShouldBe("film/sluice-tree.json", "whoever finds half a tree knows what it is");
        sent[1..21].ShouldAllBe(name => name.EndsWith(".m4s"));
        sent[21..].ShouldBe(["film/v0/index.m3u8", "film/master.m3u8", "film/sluice-tree.json"]);
        bytes.ShouldBe(tree.Files.Sum(f => f.SizeBytes));
        told.ShouldBeInOrder(SortDirection.Ascending, "progress never goes back");
        told[^1].ShouldBe(tree.SizeBytes);
        (await TreeRecord.ReadAsync(target, tree.Record, default))!.Complete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("film/v0/5.m4s")]
    [InlineData("film/v0/index.m3u8")]
    [InlineData("film/master.m3u8")]
    public async Task After_a_failure_nothing_is_listed_that_is_not_there_and_the_next_run_sends_the_rest(string refused)
    {
        var target = Target();
        target.Refused = refused;
        await Should.ThrowAsync<HttpRequestException>(() => _publisher.PublishAsync(MadeTree.Of(), target, _ => { }, default));

        Exists("film/master.m3u8").ShouldBeFalse();
        Exists("film/v0/index.m3u8").ShouldBe(refused == "film/master.m3u8", "and then its segments are all there");
        var before = target.Sent.Where(name => name.EndsWith(".m4s", StringComparison.Ordinal)).ToList();

        target.Refused = null;
        target.Sent.Clear();
        await _publisher.PublishAsync(MadeTree.Of(), target, _ => { }, default);

        target.Sent.ShouldNotContain(name => before.Contains(name), "what is there is not sent again");
        foreach (var file in MadeTree.Of().Files)
        {
            Exists(file.Name).ShouldBeTrue(file.Name);
        }
    }

    [Fact]
    public async Task A_file_that_was_damaged_meanwhile_is_sent_again()
    {
        var target = Target();
        await _publisher.PublishAsync(MadeTree.Of(), target, _ => { }, default);
        await File.WriteAllTextAsync(At("film/v0/3.m4s"), "segment X");

        await _publisher.PublishAsync(MadeTree.Of(), target, _ => { }, default);

        (await File.ReadAllTextAsync(At("film/v0/3.m4s"))).ShouldBe("segment 3");
    }

    [Fact]
    public async Task Another_state_of_a_title_takes_the_place_of_the_older_one()
    {
        var target = Target();
        await _publisher.PublishAsync(MadeTree.Of(segments: 8), target, _ => { }, default);
        target.Sent.Clear();

        await _publisher.PublishAsync(MadeTree.Of(segments: 5), target, _ => { }, default);

        Directory.GetFiles(At("film/v0")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["1.m4s", "2.m4s", "3.m4s", "4.m4s", "5.m4s", "index.m3u8"]);
        target.Removed.ShouldBe(["film/v0/6.m4s", "film/v0/7.m4s", "film/v0/8.m4s"], ignoreOrder: true);
        (await TreeRecord.ReadAsync(target, "film/" + CmafTree.Record, default))!.Files.Count.ShouldBe(7);
    }

    [Fact]
    public async Task Another_title_is_not_written_over()
    {
        var target = Target();
        await _publisher.PublishAsync(MadeTree.Of("mine"), target, _ => { }, default);
        var refused = await Should.ThrowAsync<PublishException>(
            () => _publisher.PublishAsync(MadeTree.Of("yours", text: "other"), target, _ => { }, default));

        refused.Message.ShouldContain("another title");
        (await File.ReadAllTextAsync(At("film/v0/3.m4s"))).ShouldBe("segment 3");
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_told_before_anything_is_sent()
    {
        var target = new OddTarget(_folder.FullName) { MostBytes = 10 };
        var refused = await Should.ThrowAsync<PublishException>(
            () => _publisher.PublishAsync(MadeTree.Of(segments: 120), target, _ => { }, default));

        refused.Message.ShouldContain("at most 10");
        target.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_grows_too_large_on_the_way_is_not_listed()
    {
        var target = new OddTarget(_folder.FullName) { MostBytes = 2000 };
        var file = new TreeFile("film/v0/1.m4s", "video/mp4", TreePart.Media, 5, (output, _) =>
        {
            output.Advance(output.GetMemory(3000).Length > 0 ? 3000 : 0);
            return Task.CompletedTask;
        });
        var tree = MadeTree.Of(segments: 0);

        await Should.ThrowAsync<PublishException>(
            () => _publisher.PublishAsync(tree with { Files = [.. tree.Files, file] }, target, _ => { }, default));

        target.Sent.ShouldBe(["film/sluice-tree.json"]);
    }

    [Fact]
    public async Task Unpublished_it_is_gone_manifests_first_and_nothing_else_is()
    {
        var target = Target();
        await File.WriteAllTextAsync(At("mine.txt"), "mine");
        await _publisher.PublishAsync(MadeTree.Of(), target, _ => { }, default);
        var told = new List<double>();
        var left = Array.Empty<string>();
        var place = TreePlace.Folder("film") with
        {
            BeforeForgetting = () =>
            {
                left = Directory.GetFiles(At("film"), "*", SearchOption.AllDirectories);
                return Task.CompletedTask;
            },
        };

        (await _publisher.UnpublishAsync(place, target, told.Add, default)).ShouldBe(10);

        left.ShouldBe([At("film/" + CmafTree.Record)], "whoever is killed then has nothing more to look for");

        target.Removed.Take(2).ShouldBe(["film/master.m3u8", "film/v0/index.m3u8"]);
        target.Removed.Last().ShouldBe("film/sluice-tree.json");
        Directory.GetFileSystemEntries(_folder.FullName).Select(Path.GetFileName).ShouldBe(["mine.txt"]);
        told.ShouldNotBeEmpty();
        (await _publisher.UnpublishAsync(TreePlace.Folder("film"), target, _ => { }, default)).ShouldBeNull("it is gone already");
    }

    [Fact]
    public async Task Half_a_tree_can_be_unpublished_too()
    {
        var target = Target();
        target.Refused = "film/v0/5.m4s";
        await Should.ThrowAsync<HttpRequestException>(() => _publisher.PublishAsync(MadeTree.Of(), target, _ => { }, default));

        await _publisher.UnpublishAsync(TreePlace.Folder("film"), target, _ => { }, default);

        Directory.GetFileSystemEntries(_folder.FullName).ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_nothing_can_be_removed_it_is_taken_out_of_the_list()
    {
        var target = new OddTarget(_folder.FullName) { CanRemove = false };
        await _publisher.PublishAsync(MadeTree.Flat("film"), target, _ => { }, default);
        (await NamesAsync()).ShouldBe(["film.m3u8"]);

        (await _publisher.UnpublishAsync(TreePlace.Flat("film"), target, _ => { }, default)).ShouldBe(3);

        (await NamesAsync()).ShouldBeEmpty();
        Exists("film_1.ts").ShouldBeTrue();
        TreePublisher.LeftThere(target).ShouldContain("can still fetch");
    }

    [Fact]
    public async Task Many_who_publish_at_once_lose_no_name()
    {
        // Two processes, as it were: each has locks of its own, and the folder has one for both.
        TreePublisher[] publishers = [_publisher, new(new SluiceOptions())];
        var names = Enumerable.Range(0, 24).Select(n => $"Grüße {n}").ToList();
        await Task.WhenAll(names.Select((name, n) => publishers[n % 2].PublishAsync(MadeTree.Flat(name), Target(), _ => { }, default)));

        (await NamesAsync()).ShouldBe(names.Select(n => n + ".m3u8"), ignoreOrder: true);
        (await File.ReadAllTextAsync(At(PlaylistIndex.FileName))).ShouldContain("Grüße", Case.Sensitive, "people read it");

        await Task.WhenAll(names.Skip(1).Select((name, n) =>
            publishers[n % 2].UnpublishAsync(TreePlace.Flat(name), Target(), _ => { }, default)));
        (await NamesAsync()).ShouldBe([names[0] + ".m3u8"]);
    }

    [Fact]
    public async Task Published_twice_it_is_listed_once()
    {
        await _publisher.PublishAsync(MadeTree.Flat("film"), Target(), _ => { }, default);
        await _publisher.PublishAsync(MadeTree.Flat("film"), Target(), _ => { }, default);
        (await NamesAsync()).ShouldBe(["film.m3u8"]);
    }

    [Fact]
    public async Task What_must_not_be_published_any_more_is_not_listed()
    {
        var target = Target();
        var run = new PublishRun(_ => { }) { BeforeListing = () => throw new PublishException("encrypted", "unpublish") };

        await Should.ThrowAsync<PublishException>(() => _publisher.PublishAsync(MadeTree.Flat("film"), target, run, default));

        target.Sent.ShouldBe(["film.json", "film_1.ts", "film_2.ts"], ignoreOrder: true);
        Exists(PlaylistIndex.FileName).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_unpublished_while_another_film_was_sent_does_not_come_back_into_the_list()
    {
        var target = new OddTarget(_folder.FullName) { CanRemove = false };
        var others = new TreePublisher(new SluiceOptions()); // Jobs of other lanes.
        HashSet<string> listed = ["lost.m3u8", "old.m3u8"];
        await others.PublishAsync(MadeTree.Flat("old"), target, _ => { }, default);
        var run = new PublishRun(_ => { })
        {
            Listed = _ => Task.FromResult<IReadOnlyCollection<string>>([.. listed]),
            BeforeListing = async () =>
            {
                listed.Remove("old.m3u8");
                await others.UnpublishAsync(TreePlace.Flat("old"), target, _ => { }, default);
            },
        };

        await _publisher.PublishAsync(MadeTree.Flat("film"), target, run, default);

        (await NamesAsync()).ShouldBe(["lost.m3u8", "film.m3u8"]);
    }

    [Fact]
    public async Task What_lost_its_record_is_taken_out_of_the_list_all_the_same()
    {
        await _publisher.PublishAsync(MadeTree.Flat("film"), Target(), _ => { }, default);
        await _publisher.PublishAsync(MadeTree.Flat("other"), Target(), _ => { }, default);
        File.Delete(At(TsTree.RecordOf("film")));

        (await _publisher.UnpublishAsync(TreePlace.Flat("film"), Target(), _ => { }, default)).ShouldBe(0);

        (await NamesAsync()).ShouldBe(["other.m3u8"]);
        (await _publisher.UnpublishAsync(TreePlace.Flat("film"), Target(), _ => { }, default)).ShouldBeNull("nothing is left of it");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("null")]
    public async Task A_list_that_is_none_is_left_as_it_is(string content)
    {
        await File.WriteAllTextAsync(At(PlaylistIndex.FileName), content);
        await Should.ThrowAsync<PublishException>(() => _publisher.PublishAsync(MadeTree.Flat("film"), Target(), _ => { }, default));
        (await File.ReadAllTextAsync(At(PlaylistIndex.FileName))).ShouldBe(content);
    }

    [Theory]
    [InlineData("film/../other/1.m4s")]
    [InlineData("other/1.m4s")]
    [InlineData("/etc/passwd")]
    public async Task A_record_names_files_of_its_own_tree_only(string file)
    {
        Directory.CreateDirectory(At("other"));
        await File.WriteAllTextAsync(At("other/1.m4s"), "mine");
        var record = new TreeRecord("film", true, null, [file]);
        var target = Target();
        await target.PutAsync("film/" + CmafTree.Record, record.Written(), TreeRecord.ContentType, default);

        await Should.ThrowAsync<PublishException>(() => _publisher.UnpublishAsync(TreePlace.Folder("film"), target, _ => { }, default));

        Exists("other/1.m4s").ShouldBeTrue();
        target.Removed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Something_else_in_the_place_of_the_record_is_left_alone()
    {
        Directory.CreateDirectory(At("film"));
        await File.WriteAllBytesAsync(At("film/" + CmafTree.Record), Encoding.UTF8.GetBytes("[1, 2]"));
        await Should.ThrowAsync<PublishException>(() => _publisher.PublishAsync(MadeTree.Of(), Target(), _ => { }, default));
        Directory.GetFileSystemEntries(At("film")).ShouldHaveSingleItem();
    }

    private OddTarget Target() => new(_folder.FullName);

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private bool Exists(string name) => File.Exists(At(name));

    private async Task<string[]> NamesAsync() => JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(At(PlaylistIndex.FileName)))!;
}
