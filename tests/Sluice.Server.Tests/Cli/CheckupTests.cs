using System.Net;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using Sluice.Server.Cli;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Processes;
using Xunit;

namespace Sluice.Server.Tests.Cli;

public sealed class CheckupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-checkup").FullName;

    [Fact]
    public async Task A_machine_that_runs_these_tests_can_run_a_server()
    {
        var findings = await Checkup.RunAsync(Loaded(), TestContext.Current.CancellationToken);

        findings.Where(f => f.Severity == Severity.Fail).ShouldBeEmpty();
        findings.Select(f => f.Subject).ShouldBe(["config file", ".NET", "ffmpeg", "guards", "torrents", "SQLite", "data folder", "disk", "port", "web app"]);
    }

    [Fact]
    public async Task Ffmpeg_that_is_not_there_is_said_with_the_fix()
    {
        var finding = await Checkup.FfmpegAsync(new FfmpegTools(searchPath: _folder), new TranscodeOptions(), TestContext.Current.CancellationToken);

        finding.Severity.ShouldBe(Severity.Warn);
        finding.ToString().ShouldBe("WARN  ffmpeg       ffmpeg is not installed here; files that need encoding will not play. Fix: apt-get install ffmpeg");
    }

    [Fact]
    public async Task Ffmpeg_that_is_not_where_the_configuration_says_is_not_mended_by_installing_it()
    {
        var finding = await Checkup.FfmpegAsync(
            new FfmpegTools("/nowhere/ffmpeg"), new TranscodeOptions { Ffmpeg = "/nowhere/ffmpeg" }, TestContext.Current.CancellationToken);

        finding.ToString().ShouldBe(
            "WARN  ffmpeg       there is no ffmpeg where the configuration says (transcode.ffmpeg); files that need encoding will not play. "
            + "Fix: name an ffmpeg that is there under transcode.ffmpeg, or remove that line");
    }

    [Fact]
    public async Task An_encoder_that_ffmpeg_does_not_have_is_a_failure()
    {
        var finding = await Checkup.FfmpegAsync(new FfmpegTools(), new TranscodeOptions { Encoder = "h264_nvencc" }, TestContext.Current.CancellationToken);

        finding.ToString().ShouldBe(
            "FAIL  ffmpeg       this ffmpeg has no encoder h264_nvencc (transcode.encoder). Fix: `ffmpeg -encoders` lists those that it has");
    }

    [Fact]
    public void A_full_disk_is_a_failure() =>
        Checkup.DataFolder(new StorageOptions { Data = _folder, ReserveBytes = long.MaxValue / 2 })
            .Last().Severity.ShouldBe(Severity.Fail);

    [Fact]
    public void A_data_folder_that_is_not_there_yet_is_fine_and_is_not_made()
    {
        var folder = Path.Combine(_folder, "a", "b");

        Checkup.DataFolder(new StorageOptions { Data = folder }).First().ShouldBe(
            new Finding(Severity.Ok, "data folder", $"{folder}, made at the first start"));
        Directory.GetFileSystemEntries(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void A_scratch_folder_that_is_given_is_looked_at()
    {
        ScratchCheck.Of(new SessionsOptions()).ShouldBeEmpty();
        var folder = Path.Combine(_folder, "scratch");
        ScratchCheck.Of(new SessionsOptions { Scratch = folder, ScratchBytes = 1 }).Single().Severity.ShouldBe(Severity.Ok);

        var finding = ScratchCheck.Of(new SessionsOptions { Scratch = folder, ScratchBytes = long.MaxValue }).Single();

        (finding.Severity, finding.Fix).ShouldBe((Severity.Warn, "lower sessions.scratchBytes"));
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task A_port_that_is_taken_is_worth_a_word()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var finding = (await Checkup.RunAsync(Loaded(((IPEndPoint)taken.LocalEndpoint).Port), TestContext.Current.CancellationToken)).Single(f => f.Subject == "port");

        finding.Severity.ShouldBe(Severity.Warn);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_a_failure()
    {
        var options = Options(8000);
        options.Server.Host = "192.0.2.1"; // RFC 5737: nobody's

        (await Checkup.RunAsync(new LoadedConfiguration(options), TestContext.Current.CancellationToken)).Single(f => f.Subject == "port").Severity.ShouldBe(Severity.Fail);
    }

    [Fact]
    public async Task The_command_prints_a_line_each()
    {
        var (code, output, _) = await SluiceProcess.RunAsync(["doctor", "--data", _folder], new() { ["SLUICE__SERVER__PORT"] = "0" });

        code.ShouldBe(0);
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(10);
    }

    [Fact]
    public void Channels_are_counted_and_what_they_lack_is_said_with_the_fix()
    {
        const string yaml = "streams:\n  a: http://a.example/\n  b: {url: http://b.example/, resolver: streamlink}\n  c: {url: http://c.example/, resolver: streamlink}\n";

        ConfigurationCheck.Of(new ConfigurationSource("tv.yml", [], []).Parse(Encoding.UTF8.GetBytes(yaml)), _folder).Select(f => f.ToString()).ShouldBe([
            "OK    config file  tv.yml, 3 channels",
            "WARN  channels     streamlink is not installed; without it there is no b, c. Fix: apt-get install streamlink",
        ]);
    }

    [Fact]
    public async Task A_fault_in_the_file_is_a_finding_with_its_line()
    {
        var file = Path.Combine(_folder, "tv.yml");
        await File.WriteAllTextAsync(file, "streams:\n  news: {url: http://a.example/, thread: 2}\n");

        var (code, output, _) = await SluiceProcess.RunAsync(["doctor", "-c", file, "--data", _folder]);

        code.ShouldBe(1);
        output.TrimEnd().ShouldBe("FAIL  config file  tv.yml line 2: there is no key 'streams.news.thread'. Did you mean 'threads'?");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private LoadedConfiguration Loaded(int port = 0) => new(Options(port));

    private SluiceOptions Options(int port = 0)
    {
        var options = new SluiceOptions();
        (options.Storage.Data, options.Server.Port) = (_folder, port);
        return options;
    }
}
