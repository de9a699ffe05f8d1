using System.Text.Json;
using Shouldly;
using Sluice.Server.Tests.Deliver;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Cli;

/// <summary><c>sluice package</c> and <c>sluice probe</c>, as a person runs them.</summary>
public sealed class PackageAndProbeTests(Clip clip) : IClassFixture<Clip>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-package-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_static_tree_plays_from_the_disk_with_the_packets_of_the_source()
    {
        var output = Path.Combine(_folder.FullName, "tree");
        var run = await SluiceProcess.RunAsync(["package", clip.Path, "-o", output]);

        run.Code.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("master.m3u8");
        run.Errors.ShouldContain("100 %");
        var source = await PacketStream.ReadAsync(clip.Path);
        foreach (var manifest in (string[])["master.m3u8", "manifest.mpd"])
        {
            var ours = await PacketStream.ReadAsync(Path.Combine(output, manifest), "v");
            ours.ShouldHaveSingleItem().Packets.Select(p => p.Hash)
                .ShouldBe(source.First(s => s.Kind == "video").Packets.Select(p => p.Hash));
        }
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_left_alone()
    {
        var kept = Path.Combine(_folder.FullName, "kept.txt");
        await File.WriteAllTextAsync(kept, "mine");
        var run = await SluiceProcess.RunAsync(["package", clip.Path, "-o", _folder.FullName]);

        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("is not empty");
        Directory.GetFileSystemEntries(_folder.FullName).ShouldBe([kept]);
    }

    [Fact]
    public async Task Probe_prints_a_table_and_json()
    {
        var table = await SluiceProcess.RunAsync(["probe", clip.Path]);
        table.Code.ShouldBe(0, table.Errors);
        table.Output.ShouldContain("h264 High 4:2:0 8-bit, 320x180");
        table.Output.ShouldContain("plays as it is");

        var json = await SluiceProcess.RunAsync(["probe", clip.Path, "--json"]);
        var report = JsonDocument.Parse(json.Output).RootElement;
        report.GetProperty("state").GetString().ShouldBe("ready");
        report.GetProperty("tracks").EnumerateArray().Select(t => t.GetProperty("id").GetString()).ShouldBe(["v0", "a0", "a1"]);
    }

    [Fact]
    public async Task Probe_of_garbage_says_why_and_fails()
    {
        var garbage = Path.Combine(_folder.FullName, "garbage.mp4");
        await File.WriteAllTextAsync(garbage, "no film");
        var run = await SluiceProcess.RunAsync(["probe", garbage]);

        run.Code.ShouldBe(1);
        run.Output.ShouldContain("cannot be played: it is no MP4 or MOV file");
        (await SluiceProcess.RunAsync(["probe", garbage + ".not"])).Errors.ShouldContain("There is no file");
    }
}
