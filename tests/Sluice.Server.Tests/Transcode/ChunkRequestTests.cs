using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Shouldly;
using Sluice.Server.Hosting;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>Requests over HTTP for chunks that do not exist yet.</summary>
public sealed class ChunkRequestTests
{
    /// <summary>The background makes nothing.</summary>
    private const string NoBackground = """
        [ "$first" = 0 ] && sleep 600

        """;

    private const string TenthIsHeld = """
        [ "$first" = 900 ] && while [ -e HELD ]; do sleep 0.05; done

        """;

    private const string FifthIsHeld = """
        [ "$first" = 400 ] && while [ -e HELD ]; do sleep 0.05; done

        """;

    private static readonly TimeSpan LongerThanInterest = TimeSpan.FromSeconds(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_who_ask_for_one_chunk_are_served_by_one_encoder()
    {
        await using var film = await StartAsync(TenthIsHeld);
        film.Encoder.Hold();

        var asking = Enumerable.Range(0, 20).Select(_ => film.AskAsync(10, ct: Ct)).ToList();
        await film.RunBeginsAsync(10);
        film.Encoder.LetGo();
        var hashes = new HashSet<string>();
        foreach (var answer in await Task.WhenAll(asking))
        {
            using (answer)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                hashes.Add(Convert.ToHexString(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync(Ct))));
            }
        }

        hashes.Count.ShouldBe(1);
        film.RunsAt(10).ShouldBe(1);
        film.Encoder.Runs.ShouldAllBe(first => first == 0 || first == 900);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_is_configured_and_who_comes_back_finds_the_same_run()
    {
        await using var film = await StartAsync(TenthIsHeld, o => o.Transcode.WaitSeconds = 1, speed: 1);
        film.Encoder.Hold();

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            var began = Stopwatch.GetTimestamp();
            using var early = await film.AskAsync(10, method, Ct);
            Stopwatch.GetElapsedTime(began).TotalSeconds.ShouldBeGreaterThan(0.9);
            early.Headers.RetryAfter?.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            early.Headers.CacheControl?.NoStore.ShouldBeTrue();
            if (method == HttpMethod.Get)
            {
                await early.ShouldBeProblemAsync(503, "segment-pending");
            }

            early.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        film.Encoder.LetGo();
        (await film.FetchAsync(10)).Length.ShouldBeGreaterThan(1000);
        film.RunsAt(10).ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_goes_away_does_not_end_the_run()
    {
        await using var film = await StartAsync(TenthIsHeld);
        film.Encoder.Hold();
        using var patience = new CancellationTokenSource();
        var asking = film.AskAsync(10, ct: patience.Token);
        await film.RunBeginsAsync(10);

        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        film.Encoder.LetGo();

        (await Eventually.Holds(async () => (await film.PublishedAsync()).ContainsKey(15))).ShouldBeTrue("the run has ended");
        film.RunsAt(10).ShouldBe(1);
    }

    [Fact]
    public async Task A_viewer_who_seeks_gets_a_run_and_the_one_that_runs_goes_on()
    {
        await using var film = await StartAsync(FifthIsHeld, o => o.Transcode.UrgentTasks = 2);
        film.Encoder.Hold();
        using var first = new CancellationTokenSource();
        var leaving = film.AskAsync(5, ct: first.Token);
        await film.RunBeginsAsync(5);

        await first.CancelAsync();
        (await film.FetchAsync(10)).Length.ShouldBeGreaterThan(1000);
        film.Encoder.LetGo();

        await Should.ThrowAsync<OperationCanceledException>(() => leaving);
        (await Eventually.Holds(async () => (await film.PublishedAsync()).ContainsKey(9))).ShouldBeTrue();
        var made = await film.PublishedAsync();
        Enumerable.Range(5, 5).Select(n => made[n].Maker).Distinct().ShouldHaveSingleItem().ShouldNotBe(made[10].Maker);
        film.RunsAt(5).ShouldBe(1);
        film.Encoder.Runs.ShouldNotContain(first => first > 400 && first < 900, "what the first run was making was begun again");
    }

    [Fact]
    public async Task Head_is_get_without_the_body()
    {
        await using var film = await StartAsync("");

        using var head = await film.AskAsync(10, HttpMethod.Head, Ct);
        using var get = await film.AskAsync(10, ct: Ct);

        (head.StatusCode, get.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        head.Headers.ETag.ShouldBe(get.Headers.ETag);
        (await head.Content.ReadAsByteArrayAsync(Ct)).ShouldBeEmpty();
        head.Content.Headers.ContentLength.ShouldBe((await get.Content.ReadAsByteArrayAsync(Ct)).Length);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_not_begun()
    {
        // One lane for viewers, and it is taken.
        await using var film = await StartAsync(FifthIsHeld, o => o.Transcode.WaitSeconds = 1, speed: 10);
        film.Encoder.Hold();
        await GoAwayAsync(film, 5);
        await film.RunBeginsAsync(5);
        await GoAwayAsync(film, 8, 11);
        (await film.JobAsync()).GetProperty("taskCount").GetInt32().ShouldBe(4, "not all are queued");
        await Task.Delay(LongerThanInterest, film.Clock, Ct);

        var waits = film.FetchAsync(15);
        (await Eventually.Holds(async () => (await film.JobAsync()).GetProperty("taskCount").GetInt32() == 5)).ShouldBeTrue();
        film.Encoder.LetGo();

        (await waits).Length.ShouldBeGreaterThan(1000);
        film.Encoder.Runs.ShouldBe([0, 400, 1400], ignoreOrder: true);
        (await film.PublishedAsync()).Keys.ShouldNotContain(6, "the run that nobody wanted any more went on after its chunk");
    }

    [Fact]
    public async Task What_was_dropped_is_made_when_somebody_asks_again()
    {
        await using var film = await StartAsync(FifthIsHeld, o => o.Transcode.WaitSeconds = 1, speed: 10);
        film.Encoder.Hold();
        await GoAwayAsync(film, 5);
        await film.RunBeginsAsync(5);
        await GoAwayAsync(film, 9);
        await Task.Delay(LongerThanInterest, film.Clock, Ct);
        film.Encoder.LetGo();
        (await Eventually.Holds(async () => (await film.JobAsync()).GetProperty("tasksDone").GetInt32() >= 2)).ShouldBeTrue();
        film.RunsAt(9).ShouldBe(0);

        (await film.FetchAsync(9)).Length.ShouldBeGreaterThan(1000);

        film.RunsAt(9).ShouldBe(1);
    }

    /// <summary>Asks for chunks, is told to come back, and does not.</summary>
    private static async Task GoAwayAsync(FilmServer film, params int[] chunks)
    {
        foreach (var answer in await Task.WhenAll(chunks.Select(n => film.AskAsync(n, ct: Ct))))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Dispose();
        }
    }

    /// <summary>A film of which the background makes nothing; its lane is taken.</summary>
    private static async Task<FilmServer> StartAsync(string script, Action<SluiceOptions>? options = null, double speed = 4)
    {
        var film = await FilmServer.StartAsync(NoBackground + script, options, speed);
        await film.RunBeginsAsync(1);
        await film.AddressAsync(1);
        return film;
    }
}
