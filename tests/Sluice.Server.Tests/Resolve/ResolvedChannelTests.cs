using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Live.Channels;
using Sluice.Server.Resolve;
using Sluice.Server.Tests.Live;
using Sluice.Server.Tests.Processes;
using Sluice.Server.Tests.Recordings;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Resolve;

/// <summary>Channels whose addresses are web pages.</summary>
public sealed class ResolvedChannelTests(LiveSegments segments) : IClassFixture<LiveSegments>, IDisposable
{
    private readonly ProgramFolder _programs = new();
    private readonly FastClock _clock = new(10);

    public void Dispose() => _programs.Dispose();

    [Fact]
    public async Task A_page_is_looked_behind_when_the_channel_starts_and_again_when_it_starts_anew()
    {
        Shell.RequireLinux();
        await using var upstream = await LoopingUpstream.StartAsync(segments, _clock);
        var answer = """{"streams":{"best":{"type":"hls","url":"URL"}}}""".Replace("URL", upstream.Url, StringComparison.Ordinal);
        _programs.Script("streamlink", $"echo x >> {_programs.File("asked")}; echo '{answer}'");
        await using var server = await StartAsync();
        var channel = await MakeAsync(server, "streamlink");

        for (var starts = 1; starts <= 2; starts++)
        {
            using (var viewer = await channel.VisitAsync(VisitKind.Endless, default))
            {
                viewer.Feed.IsJoinable.ShouldBeTrue();
                channel.Status().Upstream.ShouldNotBeNull().Url.ShouldBe(upstream.Url);
            }

            (await Eventually.Holds(() => channel.Feed is null)).ShouldBeTrue();
            (await File.ReadAllLinesAsync(_programs.File("asked"))).Length.ShouldBe(starts);
        }
    }

    [Theory]
    [InlineData("yt-dlp", "", "yt-dlp is not installed on the server; install it")]
    [InlineData("streamlink", "echo 'error: the channel is not live' >&2; exit 1", "streamlink says: error: the channel is not live")]
    [InlineData("streamlink", """echo '{"streams":{"best":{"type":"hls","url":"http://169.254.169.254/x.m3u8"}}}'""", "The address cannot be fetched.")]
    public async Task Why_there_is_nothing_is_told_to_who_comes_and_in_the_status(string resolver, string script, string reason)
    {
        Shell.RequireLinux();
        if (script.Length > 0)
        {
            _programs.Script(resolver, script);
        }

        await using var server = await StartAsync();
        var channel = await MakeAsync(server, resolver);

        using var response = await server.Http.PostAsync("/api/v1/channels/news/record", null);

        (await response.ShouldBeProblemAsync(502, "upstream-unusable")).Text("detail").ShouldContain(reason);
        channel.Status().Reason.ShouldNotBeNull().ShouldContain(reason);
        server.Logs.Lines.ShouldAllBe(line => !line.Contains("s3cret", StringComparison.Ordinal));
    }

    private Task<SluiceServer> StartAsync() => RecordingServer.StartAsync(
        _clock, services: services => services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ResolverRunner>(provider, _programs.Path)));

    private static async Task<Channel> MakeAsync(SluiceServer server, string resolver)
    {
        await RecordingServer.MakeAsync(server, "http://page.example/live?key=s3cret", $$""","resolver":"{{resolver}}","idleSeconds":1""");
        server.App.Services.GetRequiredService<ChannelRegistry>().TryGet("news", out var channel).ShouldBeTrue();
        return channel!;
    }
}
