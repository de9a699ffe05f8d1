using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Manage;

public sealed class JobApiTests
{
    [Fact]
    public async Task A_job_is_shown_whole_and_in_the_words_of_the_api()
    {
        await using var server = await HangingAsync();
        var job = await AddJobAsync(server);
        await server.Board().ReportAsync(job.Id, 0.25, 3.5, 60, default);

        using var response = await server.Http.GetAsync("/api/v1/jobs/" + job.Id);
        var shown = await response.JsonAsync();

        shown.EnumerateObject().Select(p => p.Name).ShouldBe(
        [
            "id", "asset", "kind", "state", "taskCount", "tasksDone", "progress", "speed", "etaSeconds", "reason", "log",
            "createdAt", "updatedAt", "finishedAt",
        ]);
        (shown.Text("id"), shown.Text("asset"), shown.Text("kind"), shown.Text("state"))
            .ShouldBe((job.Id, job.Asset.Value, "encode", "running"));
        (shown.GetProperty("progress").GetDouble(), shown.GetProperty("speed").GetDouble()).ShouldBe((0.25, 3.5));
        shown.GetProperty("finishedAt").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Jobs_are_paged_newest_first_and_picked_by_title()
    {
        await using var server = await HangingAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (await AddJobAsync(server)).Id);
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await (await server.Http.GetAsync("/api/v1/jobs?limit=2")).JsonAsync();
        var second = await (await server.Http.GetAsync("/api/v1/jobs?limit=2&after=" + first.Text("next"))).JsonAsync();
        first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(job => job.Text("id")).ShouldBe(ids);
        second.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);

        var asset = first.GetProperty("items")[1].Text("asset");
        var picked = await (await server.Http.GetAsync("/api/v1/jobs?asset=" + asset)).JsonAsync();
        picked.GetProperty("items").EnumerateArray().ShouldHaveSingleItem().Text("id").ShouldBe(ids[1]);
    }

    [Fact]
    public async Task An_operator_pauses_resumes_cancels_and_retries()
    {
        await using var server = await HangingAsync();
        var job = await AddJobAsync(server);

        foreach (var (action, state) in ((string, string)[])
        [
            ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled"), ("resume", "cancelled"), ("retry", "queued"),
        ])
        {
            using var response = await server.SendAsync(HttpMethod.Post, $"/api/v1/jobs/{job.Id}/{action}");
            (await response.JsonAsync()).Text("state").ShouldBe(state, action);
        }
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "/pause")]
    [InlineData("POST", "/resume")]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/retry")]
    public async Task A_job_that_is_not_there_is_a_problem(string method, string action)
    {
        await using var server = await SluiceServer.StartAsync();
        using var response = await server.SendAsync(new HttpMethod(method), "/api/v1/jobs/0123456789abcdef" + action);
        await response.ShouldBeProblemAsync(404, "job-unknown");
    }

    [Theory]
    [InlineData("GET", "/api/v1/jobs")]
    [InlineData("GET", "/api/v1/jobs/0123456789abcdef")]
    [InlineData("GET", "/api/v1/jobs/events")]
    [InlineData("POST", "/api/v1/jobs/0123456789abcdef/cancel")]
    public async Task Jobs_are_the_operators(string method, string path)
    {
        await using var server = await SluiceServer.StartAsync(guarded: true);
        using var response = await server.SendAsync(new HttpMethod(method), path);
        await response.ShouldBeProblemAsync(401, "key-missing");
    }

    [Fact]
    public async Task A_title_shows_its_renditions_and_every_state()
    {
        await using var server = await SluiceServer.StartAsync();
        var media = await server.PublishAsync();
        var rendition = media.GetProperty("renditions").EnumerateArray().ShouldHaveSingleItem();
        (rendition.Text("id"), rendition.Text("kind"), rendition.GetProperty("isEncoded").GetBoolean(), rendition.GetProperty("isListed").GetBoolean())
            .ShouldBe(("v0", "video", false, true));

        var id = AssetId.Parse(media.Text("id"), null);
        foreach (var (state, word) in ((AssetState, string)[])[(AssetState.Processing, "processing"), (AssetState.Failed, "failed")])
        {
            await server.Assets.UpdateAsync(id, asset => asset with { State = state, Revision = asset.Revision + 1 }, default);
            (await (await server.Http.GetAsync("/api/v1/media/" + id)).JsonAsync()).Text("state").ShouldBe(word);
        }
    }

    /// <summary>A server whose encode jobs run until they are stopped.</summary>
    internal static Task<SluiceServer> HangingAsync() => SluiceServer.StartAsync(configure: builder =>
        builder.Services.AddSingleton<ITaskExecutor, Hanging>());

    /// <summary>A title with a job that runs.</summary>
    internal static async Task<Job> AddJobAsync(SluiceServer server)
    {
        var asset = CatalogContract.Sample(server.Clock.GetUtcNow());
        await server.Assets.AddAsync(asset, default);
        var control = server.App.Services.GetRequiredService<JobControl>();
        var jobs = await control.AddAsync(asset.Id, [new NewJob(JobKind.Encode, [new NewTask(Urgency.Title)])], default);
        var executor = server.App.Services.GetServices<ITaskExecutor>().OfType<Hanging>().Single();
        (await Eventually.Holds(() => executor.Begun.ContainsKey(jobs[0].Id))).ShouldBeTrue();
        return jobs[0];
    }

    private sealed class Hanging : ITaskExecutor
    {
        public ConcurrentDictionary<string, bool> Begun { get; } = new();

        public JobKind Kind => JobKind.Encode;

        public async Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct)
        {
            Begun[task.JobId] = true;
            await Task.Delay(Timeout.Infinite, ct);
            return TaskResult.Done;
        }
    }
}

/// <summary>Services that these tests reach into.</summary>
internal static class JobServices
{
    public static ProgressBoard Board(this SluiceServer server) => server.App.Services.GetRequiredService<ProgressBoard>();

    public static ChangeFeed Feed(this SluiceServer server) => server.App.Services.GetRequiredService<ChangeFeed>();
}
