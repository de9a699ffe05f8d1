using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Publishing;

/// <summary><c>/api/v1/media/{id}/publish</c>: who may, what is refused, and what is told.</summary>
public sealed class PublishApiTests(Clip clip) : IClassFixture<Clip>
{
    [Fact]
    public async Task A_title_tells_where_it_is_published_to_who_manages_it_and_to_nobody_else()
    {
        await using var server = await PublishingServer.StartAsync();
        var media = await server.UploadAsync(clip.Path);
        var id = media.Text("id");
        await server.PublishAsync(id);

        using var managed = await server.Http.GetAsync($"/api/v1/media/{id}");
        var shown = (await managed.JsonAsync()).GetProperty("publications").EnumerateArray().ShouldHaveSingleItem();
        (shown.Text("target"), shown.Text("form"), shown.Text("state")).ShouldBe(("web", "cmaf", "published"));
        shown.GetProperty("progress").GetDouble().ShouldBe(1);
        using var watched = await server.Http.GetAsync($"/api/v1/media/{id}?token={media.GetProperty("playback").Text("token")}");
        (await watched.JsonAsync()).TryGetProperty("publications", out _).ShouldBeFalse();

        using var job = await server.Http.GetAsync("/api/v1/jobs/" + shown.Text("job"));
        (await job.JsonAsync()).Text("kind").ShouldBe("publish");
    }

    [Fact]
    public async Task Unpublished_it_is_gone_from_the_folder_and_from_the_title()
    {
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(id);
        await server.UnpublishAsync(id);

        server.Files().ShouldBeEmpty();
        using var again = await server.Http.DeleteAsync($"/api/v1/media/{id}/publish?target=web");
        await again.ShouldBeProblemAsync(404, "publication-unknown");
        await server.PublishAsync(id);
        server.Files().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task It_waits_for_what_is_still_made_of_the_title()
    {
        await using var server = await PublishingServer.StartAsync(configure: b => b.Services.AddSingleton<ITaskExecutor, Held>());
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        var control = server.Server.App.Services.GetRequiredService<JobControl>();
        var held = (await control.AddAsync(AssetId.Parse(id, null), [new NewJob(JobKind.Encode, [new NewTask(Urgency.Title)])], default)).ShouldHaveSingleItem();

        using var asked = await server.AskAsync(id);

        (await asked.JsonAsync()).Text("state").ShouldBe("publishing");
        (await Eventually.Holds(async () => (await server.ListAsync(id))[0].GetProperty("reason").GetString() is { } reason && reason.Contains("encode job", StringComparison.Ordinal)))
            .ShouldBeTrue();
        server.Files().ShouldBeEmpty();
        using var twice = await server.AskAsync(id);
        await twice.ShouldBeProblemAsync(409, "publish-busy");

        server.Server.App.Services.GetServices<ITaskExecutor>().OfType<Held>().Single().IsReleased = true;
        (await Eventually.Holds(async () =>
        {
            server.Server.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await server.ListAsync(id))[0].Text("state") == "published";
        })).ShouldBeTrue();
        held.Id.ShouldNotBeNull();
    }

    [Fact]
    public async Task Taken_away_while_it_is_published_it_is_gone()
    {
        await using var server = await PublishingServer.StartAsync(configure: b => b.Services.AddSingleton<ITaskExecutor, Held>());
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.Server.App.Services.GetRequiredService<JobControl>()
            .AddAsync(AssetId.Parse(id, null), [new NewJob(JobKind.Encode, [new NewTask(Urgency.Title)])], default);
        using var asked = await server.AskAsync(id);
        var job = (await asked.JsonAsync()).Text("job");

        await server.UnpublishAsync(id);

        using var ended = await server.Http.GetAsync("/api/v1/jobs/" + job);
        (await ended.JsonAsync()).Text("state").ShouldBe("cancelled");
        server.Files().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_told_in_the_job()
    {
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await File.WriteAllTextAsync(Path.Combine(server.Web, id), "in the way of the title's folder");
        using var asked = await server.AskAsync(id);

        (await Eventually.Holds(async () =>
        {
            server.Server.Clock.Advance(TimeSpan.FromMinutes(1)); // Attempts have pauses between them.
            return (await server.ListAsync(id))[0].Text("state") == "failed";
        })).ShouldBeTrue();
        (await server.ListAsync(id))[0].Text("reason").ShouldContain("cannot be written at web");

        File.Delete(Path.Combine(server.Web, id));
        await server.PublishAsync(id);
        server.Files().ShouldContain(id + "/master.m3u8");
    }

    [Fact]
    public async Task What_is_published_in_the_clear_is_not_encrypted_until_it_is_unpublished()
    {
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(id);
        using var refused = await EncryptAsync();
        await refused.ShouldBeProblemAsync(409, "media-published");

        await server.UnpublishAsync(id);
        using var taken = await EncryptAsync();
        taken.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        using var asked = await server.AskAsync(id);
        await asked.ShouldBeProblemAsync(409, "publish-encrypted");
        using var again = await EncryptAsync();
        again.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);

        Task<HttpResponseMessage> EncryptAsync() =>
            server.Server.SendAsync(HttpMethod.Patch, $"/api/v1/media/{id}", json: """{"encryption": "aes-128"}""");
    }

    [Fact]
    public async Task Two_titles_of_one_file_name_have_names_of_their_own_in_the_very_same_moment()
    {
        await using var server = await PublishingServer.StartAsync(); // whose clock stands still
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await server.PublishAsync((await server.UploadAsync(clip.Path)).Text("id"), """{"target": "web", "form": "ts"}""");
        }

        server.Files().Count(f => f.EndsWith(".m3u8", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task The_form_is_the_same_until_it_is_unpublished()
    {
        await using var server = await PublishingServer.StartAsync();
        var id = (await server.UploadAsync(clip.Path)).Text("id");
        await server.PublishAsync(id);
        using var other = await server.AskAsync(id, """{"target": "web", "form": "ts"}""");
        await other.ShouldBeProblemAsync(409, "publish-conflict");
    }

    [Theory]
    [InlineData("""{"target": "elsewhere"}""", 422, "publish-target-unknown")]
    [InlineData("""{"target": "/etc"}""", 422, "publish-target-unknown")]
    [InlineData("""{"target": 5}""", 422, "request-invalid")]
    [InlineData("""{"form": "cmaf"}""", 422, "request-invalid")]
    [InlineData("""{"target": "web", "form": "avi"}""", 422, "request-invalid")]
    [InlineData("[]", 422, "request-invalid")]
    public async Task A_wish_that_cannot_be_is_told_so(string json, int status, string code)
    {
        await using var server = await PublishingServer.StartAsync(realPackager: false);
        var id = (await server.Server.PublishAsync()).Text("id");
        using var answer = await server.AskAsync(id, json);
        await answer.ShouldBeProblemAsync(status, code);
        (await server.ListAsync(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_titles_that_play_are_published()
    {
        await using var server = await PublishingServer.StartAsync(realPackager: false);
        using var unknown = await server.AskAsync("0123456789abcdef");
        await unknown.ShouldBeProblemAsync(404, "media-unknown");
        using var unlisted = await server.Http.GetAsync("/api/v1/media/0123456789abcdef/publish");
        await unlisted.ShouldBeProblemAsync(404, "media-unknown");
        using var nowhere = await server.Http.DeleteAsync("/api/v1/media/0123456789abcdef/publish");
        await nowhere.ShouldBeProblemAsync(422, "request-invalid");

        using var uploaded = await server.Server.UploadAsync(SluiceServer.Odd);
        using var odd = await server.AskAsync((await uploaded.JsonAsync()).Text("id"));
        await odd.ShouldBeProblemAsync(409, "media-not-ready");
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Publishing_is_the_operators(string method)
    {
        await using var server = await PublishingServer.StartAsync(realPackager: false, guarded: true);
        using var answer = await server.Server.SendAsync(new HttpMethod(method), "/api/v1/media/0123456789abcdef/publish");
        await answer.ShouldBeProblemAsync(401, "key-missing");
    }

    [Theory]
    [InlineData("s3://bucket/films", "needs accessKey and secretKey")]
    [InlineData("pipekv://127.0.0.1", "There is no key")]
    [InlineData("ftp://host/films", "must be a folder")]
    public async Task A_place_that_cannot_be_is_told_at_the_start(string address, string words)
    {
        var refused = await Should.ThrowAsync<SetupException>(() => SluiceServer.StartAsync(
            o => o.Publish.Targets = new Dictionary<string, string> { ["place"] = address }));
        refused.Message.ShouldContain("publish.targets.place");
        refused.Message.ShouldContain(words);
    }

    /// <summary>An encode that goes on until it is released, and meanwhile takes none of the lanes: a small machine has one that also publishes.</summary>
    private sealed class Held : ITaskExecutor
    {
        private volatile bool _isReleased;

        public bool IsReleased
        {
            set => _isReleased = value;
        }

        public JobKind Kind => JobKind.Encode;

        public Task<TaskResult> RunAsync(WorkTask task, CancellationToken ct) =>
            Task.FromResult(_isReleased ? TaskResult.Done : TaskResult.Waiting("Held by the test.", TimeSpan.FromSeconds(1)));
    }
}
