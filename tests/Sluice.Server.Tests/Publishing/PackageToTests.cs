using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Deliver;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary><c>sluice package --to</c> and <c>sluice unpublish</c>, as a person runs them.</summary>
public sealed class PackageToTests(Clip clip) : IClassFixture<Clip>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-to-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_tree_is_written_again_without_a_word_and_removed_whole()
    {
        var tree = At("tree");
        (await SluiceProcess.RunAsync(["package", clip.Path, "--to", tree])).Code.ShouldBe(0);
        var files = Directory.GetFiles(tree, "*", SearchOption.AllDirectories).Length;
        var again = await SluiceProcess.RunAsync(["package", clip.Path, "--to", tree]);
        again.Code.ShouldBe(0, again.Errors);
        Directory.GetFiles(tree, "*", SearchOption.AllDirectories).Length.ShouldBe(files);

        var removed = await SluiceProcess.RunAsync(["unpublish", tree]);

        removed.Code.ShouldBe(0, removed.Errors);
        removed.Output.ShouldContain("files removed");
        Directory.GetFileSystemEntries(tree).ShouldBeEmpty();
        var twice = await SluiceProcess.RunAsync(["unpublish", tree]);
        twice.Code.ShouldBe(1);
        twice.Errors.ShouldContain("No title lies directly in");
    }

    [Fact]
    public async Task Another_film_does_not_go_over_it()
    {
        var (tree, other) = (At("tree"), At("other.mp4"));
        Ffmpeg.Make("-f lavfi -i testsrc2=s=64x36:r=10:d=3 -c:v libx264", other);
        (await SluiceProcess.RunAsync(["package", clip.Path, "--to", tree])).Code.ShouldBe(0);
        var segment = await File.ReadAllBytesAsync(Path.Combine(tree, "v0", "1.m4s"));

        var refused = await SluiceProcess.RunAsync(["package", other, "--to", tree]);

        refused.Code.ShouldBe(1);
        refused.Errors.ShouldContain("another title");
        refused.Errors.ShouldContain("Unpublish");
        (await File.ReadAllBytesAsync(Path.Combine(tree, "v0", "1.m4s"))).ShouldBe(segment);
    }

    [Fact]
    public async Task With_ts_films_share_a_folder_and_a_list()
    {
        var (flat, other) = (At("flat"), At("Größer als 1.5 – «x».mp4"));
        File.Copy(clip.Path, other);
        foreach (var film in (string[])[clip.Path, other, clip.Path])
        {
            var run = await SluiceProcess.RunAsync(["package", film, "--to", flat, "--ts"]);
            run.Code.ShouldBe(0, run.Errors);
            File.Exists(run.Output.Trim()).ShouldBeTrue(run.Output);
        }

        var names = await NamesAsync(flat);
        names.Select(name => name[..name.LastIndexOf('_')]).ShouldBe(["clip", "Größer als 1.5 – «x»"], "a film that was there is there once");
        await using var site = await StaticSite.StartAsync(flat);
        foreach (var name in names)
        {
            var film = await PacketStream.ReadAsync(site.Of("m3u8/" + name), "v");
            film.ShouldHaveSingleItem(name).Packets.Count.ShouldBe(13 * 25);
        }

        (await SluiceProcess.RunAsync(["unpublish", flat, names[1]])).Code.ShouldBe(0);
        (await NamesAsync(flat)).ShouldBe([names[0]]);
        Directory.GetFiles(flat, "*.ts").ShouldAllBe(path => Path.GetFileName(path).StartsWith("clip_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s3://bucket/films", "storage.s3 needs accessKey and secretKey")]
    [InlineData("ftp://example.org/films", "is no place to publish to")]
    [InlineData("s3://", "is no place to publish to")]
    [InlineData("pipekv://", "is no place to publish to")]
    [InlineData("pipekv://user:secret@host", "is no place to publish to")]
    public async Task A_place_that_cannot_be_is_told_with_what_can(string target, string words)
    {
        var run = await SluiceProcess.RunAsync(["package", clip.Path, "--to", target]);
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain(words);
        run.Errors.ShouldNotContain("fault of Sluice");
    }

    [Theory]
    [InlineData("../other")]
    [InlineData("a/../../b")]
    [InlineData("/")]
    public async Task A_name_leads_out_of_no_folder(string name)
    {
        var run = await SluiceProcess.RunAsync(["unpublish", At("flat"), name]);
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("cannot be the name of a title");
    }

    private static async Task<string[]> NamesAsync(string folder) =>
        JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(Path.Combine(folder, "m3u8_index_cache.json")))!;

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
