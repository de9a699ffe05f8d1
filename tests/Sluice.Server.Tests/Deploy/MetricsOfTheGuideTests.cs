using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Jobs;
using Sluice.Server.Live.Channels;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Manage.Metrics;
using Sluice.Server.Tests.Manage.Channels;
using Xunit;

namespace Sluice.Server.Tests.Deploy;

/// <summary>Metrics that the guides name are those that the server has, and the other way round.</summary>
public sealed partial class MetricsOfTheGuideTests
{
    private static readonly Lazy<Task<string>> Written = new(WriteAsync);

    [Fact]
    public async Task Every_metric_that_a_guide_names_is_there()
    {
        var families = Family().Matches(await Written.Value).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        foreach (var guide in RepositoryRoot.Files.Where(file => file.StartsWith("docs/", StringComparison.Ordinal) && file.EndsWith(".md", StringComparison.Ordinal)))
        {
            Named().Matches(await File.ReadAllTextAsync(RepositoryRoot.File(guide))).Select(match => match.Groups["name"].Value).Distinct()
                .Where(name => !families.Contains(name)).ShouldBeEmpty($"{guide} names metrics that there are not");
        }
    }

    [Fact]
    public async Task Every_metric_of_the_broker_and_of_trouble_is_in_the_guide()
    {
        var guide = await File.ReadAllTextAsync(RepositoryRoot.File("docs/operations.md"));
        Family().Matches(await Written.Value).Select(match => match.Groups["name"].Value)
            .Where(name => name.StartsWith("sluice_queue_", StringComparison.Ordinal) && name != "sluice_queue_announced_total")
            .ShouldAllBe(name => guide.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_state_of_a_channel_that_the_guide_names_is_one() =>
        State().Matches(await File.ReadAllTextAsync(RepositoryRoot.File("docs/operations.md"))).Select(match => match.Groups["state"].Value)
            .ShouldBeSubsetOf(Enum.GetValues<ChannelState>().Select(ChannelWords.Of));

    private static async Task<string> WriteAsync()
    {
        await using var server = await ChannelApi.StartAsync();
        await ChannelApi.MakeAsync(server, "news", ChannelApi.SecretUrl);
        var text = new MetricText();
        await QueueMetrics.WriteAsync(text, new QuietBroker(), default);
        return await server.Http.GetStringAsync("/metrics") + text;
    }

    [GeneratedRegex(@"^# TYPE (?<name>\w+) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Family();

    [GeneratedRegex(@"`(?<name>(sluice|process|dotnet)_[a-z0-9_]+)(\{|`| )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();

    [GeneratedRegex("state=\"(?<state>[a-z]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex State();

    /// <summary>One that is there and has nothing.</summary>
    private sealed class QuietBroker : IBroker
    {
        public BrokerStatus Status { get; } = new(true, true, null, DateTimeOffset.UnixEpoch);

        public Task<IReadOnlyList<QueueDepth>?> DepthsAsync(CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<QueueDepth>?>([new("viewers", "sluice.viewers", 0, 0)]);

        public Task<IReadOnlyList<DeadLetter>?> DeadLettersAsync(int most, CancellationToken ct) => Task.FromResult<IReadOnlyList<DeadLetter>?>([]);

        public Task<int?> RemoveDeadLettersAsync(CancellationToken ct) => Task.FromResult<int?>(0);
    }
}
