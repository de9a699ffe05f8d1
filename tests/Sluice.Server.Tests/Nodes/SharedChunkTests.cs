using System.Net;
using System.Text.Json;
using Shouldly;
using Sluice.Server.Catalog;
using Sluice.Server.Hosting;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Nodes;
using Sluice.Server.Store;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Store.S3;
using Sluice.Server.Tests.Support;
using Sluice.Server.Tests.Uploads;
using Xunit;

namespace Sluice.Server.Tests.Nodes;

/// <summary>Uploads in numbered chunks behind a load balancer that sends each request to whichever server it likes.</summary>
[Collection(nameof(Swift))]
public sealed class SharedChunkTests(Swift swift, PostgresServers servers) : SharedUploads(swift, servers)
{
    private const int Chunk = 75_000;

    [Fact]
    public async Task Each_request_may_come_to_another_server()
    {
        var hash = await InitAsync(One);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => ChunkAsync(number % 2 == 0 ? Two : One, hash, number)));
        answers.Select(answer => answer.GetProperty("received_chunks").GetInt32()).Max().ShouldBe(4);

        var final = await FinalizeAsync(Two, hash);

        final.Text("message").ShouldContain("completed");
        (await SourceAsync(Two, hash)).ShouldBe(Hash(File));
        (await Holds.HolderAsync($"chunks {hash}", DateTimeOffset.UtcNow, default)).ShouldBeNull();
        One.Of<UploadShelf>().List().ShouldBeEmpty();
        Two.Of<UploadShelf>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_announces_it_once_more_at_another_server_is_told_what_is_missing()
    {
        var hash = await InitAsync(One);
        await ChunkAsync(One, hash, 1);

        var again = await PostAsync(Two, "/videos/init", Announcement);

        again.Text("video_hash").ShouldBe(hash);
        again.GetProperty("missing_chunks").EnumerateArray().Select(number => number.GetInt32()).ShouldBe([0, 2, 3]);
    }

    [Fact]
    public async Task A_server_that_is_started_again_still_has_its_chunks()
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        var server = await StartAsync(data);
        var hash = await InitAsync(server);
        await ChunkAsync(server, hash, 0);
        await ChunkAsync(server, hash, 3);
        await server.DisposeAsync();
        (await Holds.HolderAsync($"chunks {hash}", DateTimeOffset.UtcNow, default)).ShouldNotBeNull("it comes again");

        await using (var again = await StartAsync(data))
        {
            await ChunkAsync(Two, hash, 1);
            await ChunkAsync(Two, hash, 2);
            (await FinalizeAsync(Two, hash)).Text("message").ShouldContain("completed");
            (await SourceAsync(again, hash)).ShouldBe(Hash(File));
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task When_its_server_is_gone_the_client_is_told_what_to_send_again()
    {
        var hash = await InitAsync(One);
        await ChunkAsync(One, hash, 0);
        var self = One.Of<Holds>().Self;
        await One.App.StopAsync();
        await Holds.LetGoAsync($"chunks {hash}", self.Name, default); // As when its lease has passed.

        await ChunkAsync(Two, hash, 1);
        using (var answer = await Two.Http.PostAsync($"/videos/finalize/{hash}", null))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await answer.JsonAsync()).Text("detail").ShouldBe("Missing chunks: 0, 2, 3");
        }

        foreach (var number in (int[])[0, 2, 3])
        {
            await ChunkAsync(Two, hash, number);
        }

        await FinalizeAsync(Two, hash);
        (await SourceAsync(Two, hash)).ShouldBe(Hash(File));
    }

    [Fact]
    public async Task One_that_another_server_has_ended_is_let_go_of()
    {
        var hash = await InitAsync(One);
        await ChunkAsync(One, hash, 0);
        var id = AssetId.Parse(hash, null);
        One.Of<ChunkTurns>().Has(id).ShouldBeTrue();
        Two.Of<ChunkTurns>().Has(id).ShouldBeFalse();

        await Two.Of<ICatalog>().UpdateUploadAsync(id, upload => upload with { Reason = "It expired." }, default);

        (await Eventually.Holds(() => !One.Of<ChunkTurns>().Has(id))).ShouldBeTrue();
        await ShouldBeGoneAsync("/" + hash);
    }

    private string Announcement => $$"""{"title": "film", "total_chunks": 4, "sha256": "{{Hash(File)}}"}""";

    private async Task<string> InitAsync(SluiceServer server) => (await PostAsync(server, "/videos/init", Announcement)).Text("video_hash");

    private static async Task<JsonElement> PostAsync(SluiceServer server, string path, string json)
    {
        using var answer = await server.SendAsync(HttpMethod.Post, path, json: json);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private async Task<JsonElement> ChunkAsync(SluiceServer server, string hash, int number)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(File[(number * Chunk)..((number + 1) * Chunk)]), "chunk_data", "blob" } };
        using var answer = await server.Http.PostAsync($"/videos/upload_chunk/{hash}/{number}", form);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private static async Task<JsonElement> FinalizeAsync(SluiceServer server, string hash)
    {
        using var answer = await server.Http.PostAsync($"/videos/finalize/{hash}", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }
}
