using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Tests.Manage;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Imports;

/// <summary>Downloads that become titles, over real HTTP, from servers that are good, bad and slow.</summary>
public sealed class ImportTests : IAsyncLifetime
{
    private Origin _origin = null!;
    private SluiceServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _origin = await Origin.StartAsync();
        _server = await ImportServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _origin.LetGo.TrySetResult();
        await _server.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task A_file_becomes_a_title_byte_for_byte()
    {
        using var response = await ImportServer.PostAsync(_server, _origin.Url, ""","title":"Mine","expiresInMinutes":60""");

        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var asked = await response.JsonAsync();
        response.Headers.Location!.ToString().ShouldBe($"/api/v1/imports/{asked.Text("id")}");
        var done = await ImportServer.EndOfAsync(_server, asked);
        (done.Text("state"), done.Text("kind"), done.Text("fileName")).ShouldBe(("done", "url", "clip one.mp4"));
        (done.GetProperty("bytes").GetInt64(), done.GetProperty("totalBytes").GetInt64()).ShouldBe((1 << 20, 1 << 20));
        done.Text("source").ShouldBe(_origin.Url.Split('?')[0] + "?…");

        var id = done.Text("mediaId");
        var media = await (await _server.Http.GetAsync($"/api/v1/media/{id}")).JsonAsync();
        (media.Text("title"), media.Text("fileName"), media.GetProperty("sizeBytes").GetInt64()).ShouldBe(("Mine", "clip one.mp4", 1 << 20));
        media.GetProperty("expiresAt").ValueKind.ShouldBe(JsonValueKind.String);
        (await SourceAsync(id)).ShouldBe(_origin.Content);
        Leavings().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_name_that_the_answer_gives_counts()
    {
        _origin.FileName = "../../Fräulein <b>.mp4";

        (await ImportServer.EndAsync(_server, _origin.Url)).Text("fileName").ShouldBe("Fräulein <b>.mp4");
    }

    [Fact]
    public async Task A_connection_that_breaks_again_and_again_costs_no_byte_twice()
    {
        _origin.CutsAfter = 160 * 1024;

        var done = await ImportServer.EndAsync(_server, _origin.Url);

        (done.Text("state"), done.GetProperty("reason").ValueKind).ShouldBe(("done", JsonValueKind.Null));
        (await SourceAsync(done.Text("mediaId"))).ShouldBe(_origin.Content);
        _origin.Asked.Count.ShouldBeGreaterThan(3);
        _origin.Asked.Skip(1).ShouldAllBe(range => range.Length > 0 && range != "bytes=0-");
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_is_begun_anew()
    {
        _origin.CutsAfter = 512 * 1024;
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        await ImportServer.UntilAsync(_server, import.Text("id"), now => now.GetProperty("bytes").GetInt64() > 0);
        (_origin.Content, _origin.Tag, _origin.CutsAfter) = (Origin.Make(2), "\"v2\"", null);

        var done = await ImportServer.EndOfAsync(_server, import);

        done.Text("state").ShouldBe("done");
        (await SourceAsync(done.Text("mediaId"))).ShouldBe(_origin.Content);
        _origin.Asked[1].ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_there_of_a_file_that_changed_does_not_count(bool saysLength)
    {
        await using var small = await ImportServer.StartAsync(options => options.Ingest.MaxUploadBytes = 1 << 20);
        (_origin.SaysLength, _origin.CutsAfter) = (saysLength, 512 * 1024);
        var import = await ImportServer.AskAsync(small, _origin.Url);
        await ImportServer.UntilAsync(small, import.Text("id"), now => now.GetProperty("bytes").GetInt64() > 0);
        (_origin.Content, _origin.Tag, _origin.CutsAfter) = (Origin.Make(2), "\"v2\"", null);

        var done = await ImportServer.EndOfAsync(small, import);

        (done.Text("state"), done.GetProperty("bytes").GetInt64()).ShouldBe(("done", 1 << 20), $"{done}");
        _origin.Asked[1].ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_is_too_large_only_with_what_was_there_is_refused()
    {
        await using var small = await ImportServer.StartAsync(options => options.Ingest.MaxUploadBytes = (1 << 20) - 1);
        (_origin.SaysLength, _origin.CutsAfter) = (false, 512 * 1024);
        var import = await ImportServer.AskAsync(small, _origin.Url);
        await ImportServer.UntilAsync(small, import.Text("id"), now => now.GetProperty("bytes").GetInt64() > 0);
        _origin.CutsAfter = null;

        var end = await ImportServer.EndOfAsync(small, import);

        end.Text("state").ShouldBe("failed");
        end.Text("reason").ShouldContain("1048575 (ingest.maxUploadBytes)");
        _origin.Asked[1].ShouldBe($"bytes={512 * 1024}-");
        small.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_gives_the_wrong_part_is_not_believed()
    {
        // It says 206 to everything that names a part, whatever the entity tag was.
        _origin.CutsAfter = 512 * 1024;
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        await ImportServer.UntilAsync(_server, import.Text("id"), now => now.GetProperty("bytes").GetInt64() > 0);
        _origin.Content = [.. Origin.Make(3), 1, 2, 3];
        _origin.CutsAfter = null;

        var done = await ImportServer.EndOfAsync(_server, import);

        (await SourceAsync(done.Text("mediaId"))).ShouldBe(_origin.Content);
    }

    [Theory]
    [InlineData(false, "\"v1\"")]
    [InlineData(true, null)]
    [InlineData(true, "W/\"v1\"")]
    public async Task Without_parts_or_a_name_for_its_state_a_file_is_begun_anew(bool hasRanges, string? tag)
    {
        (_origin.HasRanges, _origin.Tag, _origin.CutsAfter) = (hasRanges, tag, 512 * 1024);
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        await ImportServer.UntilAsync(_server, import.Text("id"), now => now.GetProperty("reason").ValueKind == JsonValueKind.String);
        _origin.CutsAfter = null;

        var done = await ImportServer.EndOfAsync(_server, import);

        done.Text("state").ShouldBe("done");
        (await SourceAsync(done.Text("mediaId"))).ShouldBe(_origin.Content);
    }

    [Fact]
    public async Task A_server_that_never_gets_further_is_given_up()
    {
        (_origin.HasRanges, _origin.CutsAfter) = (false, 512 * 1024);

        var end = await ImportServer.EndAsync(_server, _origin.Url);

        (end.Text("state"), end.Text("reason")).ShouldBe(("failed", "The connection broke off."));
        _origin.Asked.Count.ShouldBeInRange(4, 5);
        _server.StoredFiles().ShouldBeEmpty();
        Leavings().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(401)]
    [InlineData(410)]
    public async Task A_no_is_taken_for_a_no(int status)
    {
        _origin.Statuses.Enqueue(status);

        var end = await ImportServer.EndAsync(_server, _origin.Url);

        (end.Text("state"), end.Text("reason")).ShouldBe(("failed", $"The other server answered with status {status}."));
        _origin.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_not_now_is_asked_again()
    {
        _origin.Statuses.Enqueue(503);
        _origin.Statuses.Enqueue(429);

        (await ImportServer.EndAsync(_server, _origin.Url)).Text("state").ShouldBe("done");
        _origin.Asked.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_of_unknown_length_comes_whole()
    {
        _origin.SaysLength = false;

        var done = await ImportServer.EndAsync(_server, _origin.Url);

        (done.Text("state"), done.GetProperty("totalBytes").GetInt64()).ShouldBe(("done", 1 << 20));
    }

    [Theory]
    [InlineData(true, "It has 1048576 bytes; this server takes 1048575 (ingest.maxUploadBytes).")]
    [InlineData(false, "It has more bytes than this server takes: 1048575 (ingest.maxUploadBytes).")]
    public async Task What_is_too_large_is_refused_whether_it_says_so_or_not(bool saysLength, string words)
    {
        _origin.SaysLength = saysLength;
        await using var small = await ImportServer.StartAsync(options => options.Ingest.MaxUploadBytes = (1 << 20) - 1);

        var end = await ImportServer.EndAsync(small, _origin.Url);

        end.Text("state").ShouldBe("failed");
        end.Text("reason").ShouldContain(words);
        small.StoredFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_does_not_play_is_refused_in_a_sentence_with_the_reason()
    {
        _origin.Content = Encoding.ASCII.GetBytes(SluiceServer.Garbage);

        var end = await ImportServer.EndAsync(_server, _origin.Url);

        (end.Text("state"), end.Text("reason")).ShouldBe(("failed", "The file is no video or audio that can be played: There is no movie in it."));
        _server.StoredFiles().ShouldBeEmpty();
        Leavings().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_web_page_is_no_file()
    {
        _origin.Type = "text/html; charset=utf-8";

        (await ImportServer.EndAsync(_server, _origin.Url)).Text("reason").ShouldBe("It is a web page, not a video file.");
    }

    [Fact]
    public async Task It_takes_no_longer_than_it_may()
    {
        _origin.HoldsAfter = 64 * 1024;
        await using var hasty = await ImportServer.StartAsync(
            options => options.Ingest.ImportMinutes = 1, builder => builder.Services.AddSingleton<TimeProvider>(new FastClock(60)));

        // The pause between two pieces may be 30 seconds, and is told; the whole may be a minute.
        var end = await ImportServer.EndAsync(hasty, _origin.Url);

        (end.Text("state"), end.Text("reason")).ShouldBe(("failed", "It took longer than 1 minutes (ingest.importMinutes)."));
    }

    [Fact]
    public async Task One_that_is_called_off_stops_and_leaves_nothing()
    {
        _origin.HoldsAfter = 256 * 1024;
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var id = import.Text("id");
        await ImportServer.UntilAsync(_server, id, now => now.Text("state") == "running");

        (await _server.Http.DeleteAsync($"/api/v1/imports/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await ImportServer.EndOfAsync(_server, import)).Text("state").ShouldBe("cancelled");
        (await Eventually.Holds(() => Leavings().Length == 0)).ShouldBeTrue();
        _server.StoredFiles().ShouldBeEmpty();

        (await _server.Http.DeleteAsync($"/api/v1/imports/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await _server.Http.GetAsync($"/api/v1/imports/{id}")).ShouldBeProblemAsync(404, "import-unknown");
        await (await _server.Http.DeleteAsync($"/api/v1/imports/{id}")).ShouldBeProblemAsync(404, "import-unknown");
    }

    [Fact]
    public async Task The_same_address_is_downloaded_once_at_a_time()
    {
        _origin.HoldsAfter = 256 * 1024;
        var first = await ImportServer.AskAsync(_server, _origin.Url);
        (await ImportServer.AskAsync(_server, _origin.Url)).Text("id").ShouldBe(first.Text("id"));
        _origin.LetGo.SetResult();
        (await ImportServer.EndOfAsync(_server, first)).Text("state").ShouldBe("done");

        // Afterwards it may be wanted again.
        (await ImportServer.EndAsync(_server, _origin.Url)).Text("id").ShouldNotBe(first.Text("id"));
    }

    [Fact]
    public async Task A_server_that_is_started_again_goes_on_where_it_was()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            string id;
            _origin.HoldsAfter = 512 * 1024;
            await using (var before = await ImportServer.StartAsync(data: data))
            {
                id = (await ImportServer.AskAsync(before, _origin.Url)).Text("id");
                (await Eventually.Holds(() => new FileInfo(Path.Combine(data, "imports", id)) is { Exists: true, Length: >= 512 * 1024 })).ShouldBeTrue();
            }

            _origin.HoldsAfter = null;
            await using var after = await ImportServer.StartAsync(data: data);
            var done = await ImportServer.UntilAsync(after, id, now => now.Text("state") == "done");

            (await SourceAsync(done.Text("mediaId"), data)).ShouldBe(_origin.Content);
            _origin.Asked.ShouldBe(["", $"bytes={512 * 1024}-"]);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_full_disk_is_waited_for()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        try
        {
            JsonElement import;
            await using (var full = await ImportServer.StartAsync(options => options.Storage.ReserveBytes = 1L << 60, data: data))
            {
                import = await ImportServer.AskAsync(full, _origin.Url);
                var waits = await ImportServer.UntilAsync(full, import.Text("id"), now => now.GetProperty("reason").ValueKind == JsonValueKind.String);
                waits.Text("state").ShouldBe("queued");
                waits.Text("reason").ShouldContain("the disk is full");
            }

            await using var roomy = await ImportServer.StartAsync(data: data);
            var done = await ImportServer.EndOfAsync(roomy, import);
            (done.Text("state"), done.GetProperty("reason").ValueKind).ShouldBe(("done", JsonValueKind.Null));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task One_whose_title_is_there_already_is_done()
    {
        // A process that was killed between the title and the end of the import.
        var title = await _server.PublishAsync();
        var catalog = _server.App.Services.GetRequiredService<IImportCatalog>();
        var now = DateTimeOffset.UtcNow;
        var id = AssetId.Parse(title.Text("id"), null);
        await catalog.AddImportAsync(new Import { Id = id, Kind = ImportKind.Url, Source = _origin.Url, Shown = "x", CreatedAt = now, UpdatedAt = now }, default);
        using var other = await ImportServer.PostAsync(_server, _origin.Url + "&other");

        (await ImportServer.UntilAsync(_server, id.Value, i => i.Text("state") == "done")).Text("mediaId").ShouldBe(id.Value);
    }

    [Fact]
    public async Task A_password_reaches_the_server_that_it_is_for_and_nothing_else()
    {
        var url = _origin.Url.Replace("http://", "http://me:hunter2@", StringComparison.Ordinal);
        await using var chatty = await ImportServer.StartAsync(configure: builder => builder.Logging.SetMinimumLevel(LogLevel.Trace));

        var done = await ImportServer.EndAsync(chatty, url);

        done.Text("state").ShouldBe("done");
        _origin.Users.ShouldBe(["Basic " + Convert.ToBase64String("me:hunter2"u8)]);
        done.ToString().ShouldNotContain("hunter2");
        done.ToString().ShouldNotContain("s3cret");
        chatty.Logs.Lines.ShouldAllBe(line => !line.Contains("hunter2", StringComparison.Ordinal) && !line.Contains("s3cret", StringComparison.Ordinal));
        var row = await chatty.App.Services.GetRequiredService<IImportCatalog>().FindImportAsync(AssetId.Parse(done.Text("id"), null), default);
        row!.Source.ShouldNotContain("hunter2");
        row.Source.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task There_may_be_so_many_and_no_more()
    {
        _origin.HoldsAfter = 0;
        await using var narrow = await ImportServer.StartAsync(options => options.Ingest.MaxUnfinished = 2);
        (await ImportServer.PostAsync(narrow, _origin.Url + "1")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await ImportServer.PostAsync(narrow, _origin.Url + "2")).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var problem = await (await ImportServer.PostAsync(narrow, _origin.Url + "3")).ShouldBeProblemAsync(503, "imports-full");

        problem.Text("detail").ShouldContain("there may be 2 (ingest.maxUnfinished).");
    }

    [Theory]
    [InlineData("""{"url":42}""", 422, "address-refused")]
    [InlineData("{}", 422, "address-refused")]
    [InlineData("[]", 422, "request-invalid")]
    [InlineData("""{"url":"http://x/","expiresInMinutes":0}""", 422, "request-invalid")]
    public async Task A_request_that_makes_no_sense_is_said_so(string json, int status, string code) =>
        await (await _server.SendAsync(HttpMethod.Post, "/api/v1/imports", json: json)).ShouldBeProblemAsync(status, code);

    [Fact]
    public async Task The_list_is_newest_first_and_paged()
    {
        var ids = new List<string>();
        for (var n = 0; n < 3; n++)
        {
            ids.Insert(0, (await ImportServer.EndAsync(_server, $"{_origin.Url}{n}")).Text("id"));
        }

        var first = await (await _server.Http.GetAsync("/api/v1/imports?limit=2")).JsonAsync();
        var second = await (await _server.Http.GetAsync($"/api/v1/imports?limit=2&after={first.Text("next")}")).JsonAsync();

        first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(i => i.Text("id")).ShouldBe(ids);
        second.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Progress_is_told_as_events()
    {
        _origin.HoldsAfter = 512 * 1024;
        var import = await ImportServer.AskAsync(_server, _origin.Url);
        var id = import.Text("id");
        await ImportServer.UntilAsync(_server, id, now => now.Text("state") == "running");
        using var listener = await EventListener.OpenAsync(_server, "/api/v1/jobs/events");

        var first = await NextAsync();
        (first.Text("id"), first.Text("state"), first.GetProperty("totalBytes").GetInt64()).ShouldBe((id, "running", 1 << 20));
        _origin.LetGo.SetResult();
        JsonElement last;
        do
        {
            last = await NextAsync();
        }
        while (last.Text("state") == "running");

        (last.Text("state"), last.Text("mediaId")).ShouldBe(("done", id));

        async Task<JsonElement> NextAsync()
        {
            while (true)
            {
                var (name, data) = await listener.NextAsync() ?? throw new InvalidOperationException("The stream ended.");
                if (name == "import")
                {
                    return data!.Value;
                }
            }
        }
    }

    [Fact]
    public async Task Only_the_operator_may()
    {
        await using var guarded = await SluiceServer.StartAsync(guarded: true);

        await (await ImportServer.PostAsync(guarded, _origin.Url)).ShouldBeProblemAsync(401, "key-missing");
        await (await guarded.Http.GetAsync("/api/v1/imports")).ShouldBeProblemAsync(401, "key-missing");
    }

    private string[] Leavings() => Directory.GetFiles(Path.Combine(_server.Data, "imports"));

    private Task<byte[]> SourceAsync(string id, string? data = null) => File.ReadAllBytesAsync(Path.Combine(data ?? _server.Data, "media", id, "source"));
}
