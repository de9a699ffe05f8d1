using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Live.Channels;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Hosting;

/// <summary>The file changes under a running server; the test looks at it when the watcher would.</summary>
public sealed class ConfigurationWatcherTests : IAsyncDisposable
{
    private const string News = "streams:\n  news: http://a.example/1.m3u8\n";
    private const string Both = News + "  sport: http://b.example/2.m3u8\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-watch").FullName;
    private SluiceServer? _server;

    private string File => Path.Combine(_folder, "sluice.yml");

    private SluiceServer Server => _server ?? throw new InvalidOperationException();

    private ConfigurationWatcher Watcher => Server.App.Services.GetServices<IHostedService>().OfType<ConfigurationWatcher>().Single();

    private string? Problem => Server.App.Services.GetRequiredService<ConfigurationReport>().Problem;

    private IEnumerable<string> Names => Server.App.Services.GetRequiredService<ChannelRegistry>().All.Select(c => c.Definition.Name);

    [Fact]
    public async Task A_change_is_taken_when_it_was_seen_twice()
    {
        await StartAsync(News);
        Names.ShouldBe(["news"]);

        Write(Both);
        Watcher.Look(atOnce: false);
        Names.ShouldBe(["news"]);
        Watcher.Look(atOnce: false);

        Names.ShouldBe(["news", "sport"]);
        Said("+sport; there are 2 now").ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_not_taken()
    {
        await StartAsync(Both);
        for (var length = 0; length < Both.Length; length += 10)
        {
            Write(Both[..length]);
            Watcher.Look(atOnce: false);
        }

        Write(Both);
        Watcher.Look(atOnce: false);
        Watcher.Look(atOnce: false);

        Names.ShouldBe(["news", "sport"]);
        Problem.ShouldBeNull();
        Said("changed").ShouldBe(0);
    }

    [Fact]
    public async Task Channels_that_are_the_same_are_not_touched()
    {
        await StartAsync(Both);
        var registry = Server.App.Services.GetRequiredService<ChannelRegistry>();
        registry.TryGet("news", out var news).ShouldBeTrue();

        Write("# A comment\n" + Both.Replace("2.m3u8", "3.m3u8", StringComparison.Ordinal));
        Watcher.Look(atOnce: true);

        registry.TryGet("news", out var after).ShouldBeTrue();
        after.ShouldBeSameAs(news);
        Said("~sport; there are 2 now").ShouldBe(1);
    }

    [Theory]
    [InlineData("streams:\n  news: http://a.example/1.m3u8\n  sport: ftp://b.example/\n", "sluice.yml line 3: streams.sport must be an http or https URL, not what was given.")]
    [InlineData("streams:\n  news: {url\n", "sluice.yml line 3: this is no valid YAML")]
    [InlineData("streams:\n  sport: http://b.example/\nserver:\n  prot: 1\n", "sluice.yml line 4: there is no key 'server.prot'. Did you mean 'server.port'?")]
    [InlineData("", "sluice.yml is empty; 'streams: {}' ends all of its channels.")]
    [InlineData("\n# streams:\n", "sluice.yml is empty; 'streams: {}' ends all of its channels.")]
    [InlineData(null, "The configuration file ")]
    public async Task A_file_that_is_not_valid_changes_nothing_and_says_where(string? yaml, string problem)
    {
        await StartAsync(News);
        if (yaml is null)
        {
            System.IO.File.Delete(File);
        }
        else
        {
            Write(yaml);
        }

        for (var looks = 0; looks < 5; looks++)
        {
            Watcher.Look(atOnce: false);
        }

        Names.ShouldBe(["news"]);
        Problem.ShouldNotBeNull().ShouldStartWith(problem);
        Said("The channels stay as they were. " + problem).ShouldBe(1);

        Write(Both);
        Watcher.Look(atOnce: true);
        Names.ShouldBe(["news", "sport"]);
        Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_fault_that_is_undone_is_forgotten()
    {
        await StartAsync(News);
        Write("streams: [\n");
        Watcher.Look(atOnce: true);
        Problem.ShouldNotBeNull();

        Write(News);
        Watcher.Look(atOnce: true);

        Problem.ShouldBeNull();
        Names.ShouldBe(["news"]);
    }

    [Fact]
    public async Task All_channels_end_when_the_file_says_so()
    {
        await StartAsync(Both);
        Write("streams: {}\n");
        Watcher.Look(atOnce: true);
        Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_keys_wait_for_the_next_start_and_that_is_said_once()
    {
        await StartAsync("server:\n  port: 0\n" + News);
        Write("server:\n  port: 1\ningest:\n  maxUploads: 5\n" + Both);
        Watcher.Look(atOnce: true);
        Write("server:\n  port: 1\ningest:\n  maxUploads: 5\n" + News);
        Watcher.Look(atOnce: true);

        Names.ShouldBe(["news"]);
        Said("in force from the next start on: ingest.maxUploads, server.port").ShouldBe(1);
    }

    [Fact]
    public async Task A_new_file_in_the_place_of_the_old_one_is_seen_and_so_is_a_link_that_leads_elsewhere()
    {
        var first = Directory.CreateDirectory(Path.Combine(_folder, "..1")).FullName;
        var second = Directory.CreateDirectory(Path.Combine(_folder, "..2")).FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(first, "sluice.yml"), News);
        await System.IO.File.WriteAllTextAsync(Path.Combine(second, "sluice.yml"), Both);
        var link = Path.Combine(_folder, "..data");
        Directory.CreateSymbolicLink(link, first);
        System.IO.File.CreateSymbolicLink(File, Path.Combine(link, "sluice.yml"));
        await StartAsync(null);
        Names.ShouldBe(["news"]);

        // As a mounted ConfigMap changes: the link of the folder is replaced in one step.
        Directory.CreateSymbolicLink(link + "_tmp", second);
        Directory.Delete(link);
        Directory.Move(link + "_tmp", link);
        Watcher.Look(atOnce: true);
        Names.ShouldBe(["news", "sport"]);

        // As many editors save.
        var draft = Path.Combine(_folder, "draft");
        await System.IO.File.WriteAllTextAsync(draft, News);
        System.IO.File.Move(draft, File, overwrite: true);
        Watcher.Look(atOnce: true);
        Names.ShouldBe(["news"]);
    }

    [Fact]
    public async Task The_watcher_looks_by_itself()
    {
        await StartAsync(News);
        Write(Both);

        // Twice, and once more for a look that was under way.
        (await Eventually.Holds(() =>
        {
            Server.Clock.Advance(ConfigurationWatcher.Interval);
            return Names.Count() == 2;
        })).ShouldBeTrue();
    }

    [Fact]
    public async Task Names_of_own_pages_are_said_to_be_at_live_only()
    {
        await StartAsync(News + "  upload: http://b.example/2.m3u8\n  docs: http://b.example/2.m3u8\n  stream: http://b.example/2.m3u8\n");

        Said("The channel upload is at /live/upload only").ShouldBe(1);
        Said("The channel docs is at /live/docs only").ShouldBe(1);
        Said("The channel stream").ShouldBe(0);
        Said("The channel news").ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_file_nothing_is_watched()
    {
        await using var server = await SluiceServer.StartAsync();
        server.App.Services.GetServices<IHostedService>().OfType<ConfigurationWatcher>().ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string? yaml)
    {
        if (yaml is not null)
        {
            Write(yaml);
        }

        _server = await SluiceServer.StartAsync(loaded: ConfigurationLoader.Load(File, [], []));
    }

    private void Write(string yaml) => System.IO.File.WriteAllText(File, yaml);

    private int Said(string text) => Server.Logs.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));
}
