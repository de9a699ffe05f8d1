using System.Net;
using Shouldly;
using Sluice.Server.Tests.Support;
using Sluice.Tests;
using Xunit;

namespace Sluice.Server.Tests.Transcode;

/// <summary>What viewers and operators see over HTTP when a source or an encoder is bad: a clear state, and the rest plays.</summary>
public sealed class FaultHttpTests : IDisposable
{
    /// <summary>Whatever is to make the tenth chunk does this first.</summary>
    private const string AtTheTenth = """
        end=${all#*:end_pts=}; end=${end%%[:,]*}
        if [ "$first" -le 900 ] && [ "$end" -gt 900 ] && [ -e HELD ]; then
          if [ "$first" -lt 900 ]; then REAL "${@//:end_pts=$end/:end_pts=900}"; fi
          DOES
        fi

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-damaged-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_encoder_that_is_killed_at_a_chunk_leaves_it_out_and_a_retry_makes_it()
    {
        await using var film = await FaultyAsync("kill -9 $$");

        var job = await film.JobAsync("failed");
        job.Text("reason").ShouldContain("ffmpeg was killed, most likely because the machine ran out of memory");
        (await film.PublishedAsync()).Keys.Order().ShouldBe(Enumerable.Range(1, FilmServer.Chunks).Except([10]));
        (await film.PublishedAsync()).Values.ShouldAllBe(c => !c.IsPlaceholder);
        using (var answer = await film.AskAsync(10, ct: Ct))
        {
            (await answer.ShouldBeProblemAsync(500, "segment-failed")).Text("detail").ShouldContain("memory");
        }

        (await film.FetchAsync(11)).Length.ShouldBeGreaterThan(1000);

        film.Encoder.LetGo();
        using var retry = await film.Http.PostAsync($"/api/v1/jobs/{job.Text("id")}/retry", null, Ct);
        retry.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await film.JobAsync("done")).GetProperty("reason").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        (await film.FetchAsync(10)).Length.ShouldBeGreaterThan(1000);
    }

    [Fact]
    public async Task While_it_is_to_be_tried_again_viewers_are_told_why_and_begin_no_encoder_of_their_own()
    {
        await using var film = await FilmServer.StartAsync("kill -9 $$");
        (await Eventually.Holds(async () => (await film.JobAsync()).GetProperty("reason").ValueKind == System.Text.Json.JsonValueKind.String)).ShouldBeTrue();
        (await Eventually.Holds(async () =>
        {
            using var answer = await film.AskAsync(10, ct: Ct);
            return answer.StatusCode == HttpStatusCode.ServiceUnavailable
                && (await answer.ShouldBeProblemAsync(503, "segment-pending")).Text("detail").Contains("killed", StringComparison.Ordinal)
                && answer.Headers.RetryAfter is not null;
        })).ShouldBeTrue();
        var runs = film.Encoder.Runs.Length;

        for (var i = 0; i < 20; i++)
        {
            using var answer = await film.AskAsync(10, ct: Ct);
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        film.Encoder.Runs.Length.ShouldBeLessThan(runs + 6);
    }

    [Fact]
    public async Task A_machine_that_has_memory_again_loses_nothing()
    {
        // The first two encoders are killed, wherever they are.
        await using var film = await FilmServer.StartAsync("""
            [ "$(wc -l < RUNS)" -le 2 ] && kill -9 $$

            """);

        (await film.JobAsync("done")).GetProperty("reason").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        foreach (var chunk in Enumerable.Range(1, FilmServer.Chunks))
        {
            (await film.FetchAsync(chunk)).Length.ShouldBeGreaterThan(1000);
        }
    }

    [Theory]
    [InlineData("exit 1", "ended with exit code 1")]
    [InlineData("kill -SEGV $$", "was ended by signal 11")]
    [InlineData("sleep 600", "gave no sign of life")]
    public async Task A_chunk_that_breaks_the_encoder_is_black_and_the_rest_plays(string does, string why)
    {
        await using var film = await FaultyAsync(does);

        var reason = (await film.JobAsync("done")).Text("reason");
        reason.ShouldContain("black and silent");
        reason.ShouldContain(why);
        reason.ShouldContain("00:00:36");
        foreach (var chunk in Enumerable.Range(1, FilmServer.Chunks))
        {
            (await film.FetchAsync(chunk)).Length.ShouldBeGreaterThan(chunk == 10 ? 300 : 3000, $"chunk {chunk}");
        }
    }

    [Fact]
    public async Task An_encoder_that_hangs_at_everything_ends_as_a_failed_job_and_a_clear_answer()
    {
        await using var film = await FilmServer.StartAsync("sleep 600", o => o.Transcode.SilenceSeconds = 1, speed: 20);

        (await film.JobAsync("failed", 120)).Text("reason").ShouldContain("gave no sign of life");
        using var answer = await film.AskAsync(10, ct: Ct);
        (await answer.ShouldBeProblemAsync(500, "segment-failed")).Text("detail").ShouldContain("no sign of life");
    }

    [Fact]
    public async Task A_source_that_was_cut_off_plays_as_far_as_it_goes_and_says_so()
    {
        var path = Path.Combine(_folder.FullName, "cut.mkv");
        Ffmpeg.Make($"-i {FilmServer.FilmPath} -c copy", path);
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length * 6 / 10);
        }

        await using var film = await FilmServer.StartAsync("", film: path);

        film.Media.Text("state").ShouldBe("ready");
        film.Media.Text("reason").ShouldContain("cut off");
        var seconds = film.Media.GetProperty("durationSeconds").GetDouble();
        seconds.ShouldBeInRange(30, 42);
        await film.JobAsync("done");
        foreach (var chunk in Enumerable.Range(1, (int)(seconds / 4)))
        {
            (await film.FetchAsync(chunk)).Length.ShouldBeGreaterThan(1000);
        }

        using var behind = await film.AskAsync(15, ct: Ct);
        await behind.ShouldBeProblemAsync(404, "segment-unknown");
    }

    [Fact]
    public async Task A_hole_in_the_middle_of_a_source_costs_no_other_chunk()
    {
        var path = Path.Combine(_folder.FullName, "hole.avi");
        var bytes = await File.ReadAllBytesAsync(FilmServer.FilmPath, Ct);
        Array.Clear(bytes, bytes.Length / 2, bytes.Length / 12);
        await File.WriteAllBytesAsync(path, bytes, Ct);

        await using var film = await FilmServer.StartAsync("", film: path);

        await film.JobAsync("done");
        foreach (var chunk in Enumerable.Range(1, FilmServer.Chunks))
        {
            (await film.FetchAsync(chunk)).Length.ShouldBeGreaterThan(300);
        }
    }

    /// <summary>A film at whose tenth chunk the encoder does something, as long as it is held. Pauses between attempts are short.</summary>
    private static async Task<FilmServer> FaultyAsync(string does) => await FilmServer.StartAsync(
        AtTheTenth.Replace("DOES", does, StringComparison.Ordinal), o => o.Transcode.SilenceSeconds = 4, speed: 20,
        held: true);
}
