using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Shouldly;
using Sluice.Server.Tests.Catalog;
using Sluice.Server.Tests.Cli;
using Sluice.Server.Tests.Deliver;
using Sluice.Server.Tests.Support;
using Xunit;

namespace Sluice.Server.Tests.Deploy;

/// <summary>Titles are copied by the guide's own commands while the server runs, and play in another place.</summary>
public sealed partial class BackupTests(Clip clip, PostgresServers servers) : IClassFixture<Clip>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-backup-");

    private string Data => Path.Combine(_folder.FullName, "data");

    private string Copy => Path.Combine(_folder.FullName, "copy");

    private string Restored => Path.Combine(_folder.FullName, "restored");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task One_machine()
    {
        var none = new Dictionary<string, string>();
        await TestAsync(
            none, none,
            () => GuideScript.RunAsync("back up one machine", ("DATA", Data), ("TO", Copy)),
            () => GuideScript.RunAsync("restore one machine", ("FROM", Copy), ("DATA", Restored)));
    }

    [Fact]
    public async Task A_database_and_its_media()
    {
        var server = await servers.SharedAsync();
        var (from, to) = (await server.NewDatabaseAsync(), await server.NewDatabaseAsync());
        try
        {
            await TestAsync(
                On(from), On(to),
                async () =>
                {
                    await GuideScript.RunAsync("back up a database", ("PGPASSWORD", PostgresServer.Password), ("CATALOG", server.UrlOf(from)), ("TO", Copy));
                    await GuideScript.RunAsync("back up media", ("DATA", Data), ("TO", Copy));
                },
                async () =>
                {
                    await GuideScript.RunAsync("restore a database", ("PGPASSWORD", PostgresServer.Password), ("CATALOG", server.UrlOf(to)), ("FROM", Copy));
                    await GuideScript.RunAsync("restore media", ("FROM", Copy), ("DATA", Restored));
                });
        }
        finally
        {
            await server.DropAsync(from);
            await server.DropAsync(to);
        }

        Dictionary<string, string> On(string database) => new()
        {
            ["SLUICE__STORAGE__CATALOG"] = server.UrlOf(database),
            ["SLUICE__STORAGE__CATALOGPASSWORD"] = PostgresServer.Password,
            ["SLUICE__ACCESS__SECRET"] = new string('s', 40),
        };
    }

    private async Task TestAsync(Dictionary<string, string> here, Dictionary<string, string> there, Func<Task> backUp, Func<Task> restore)
    {
        Directory.CreateDirectory(Copy);
        var links = new List<string>();
        string[] wanted, key;
        await using (var server = SluiceProcess.Start(Serve(Data), here))
        {
            using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync(Data)) };
            for (var n = 0; n < 3; n++)
            {
                links.Add(await PublishAsync(http, n));
            }

            wanted = [.. await Task.WhenAll(links.Select(link => PlayAsync(http, link)))];

            // Titles come and go while copies are made: what is not there twice is not in the way.
            using var enough = new CancellationTokenSource();
            var others = Task.Run(async () =>
            {
                for (var n = 10; !enough.IsCancellationRequested; n++)
                {
                    await PublishAsync(http, n);
                }
            });
            await backUp();
            await enough.CancelAsync();
            await others;
            var late = await PublishAsync(http, 99);
            key = [late];
            await server.SignalAsync("TERM");
            (await server.ExitAsync()).ShouldBe(0);
        }

        // What was there is lost.
        Directory.Delete(Data, recursive: true);
        await restore();
        await using var other = SluiceProcess.Start(Serve(Restored), there);
        using var again = new HttpClient { BaseAddress = new Uri(await other.UrlAsync(Restored)) };
        for (var n = 0; n < links.Count; n++)
        {
            (await PlayAsync(again, links[n])).ShouldBe(wanted[n], "the links that were given out play, and each byte is the same");
        }

        using var refused = await again.GetAsync(key[0]);
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound, "it came after the copy");
        await PublishAsync(again, 100);
    }

    private static string[] Serve(string data) => ["serve", "--port", "0", "--data", data];

    /// <summary>Publishes a title that is like no other, and answers the path of its multivariant playlist with a token.</summary>
    private async Task<string> PublishAsync(HttpClient http, int number)
    {
        // A box that players skip makes it another file.
        byte[] free = [0, 0, 0, 12, .. "free"u8, .. BitConverter.GetBytes(number)];
        using var content = new ByteArrayContent([.. await File.ReadAllBytesAsync(clip.Path), .. free]);
        content.Headers.ContentType = new MediaTypeHeaderValue("video/mp4");
        using var form = new MultipartFormDataContent { { content, "media", $"clip-{number}.mp4" } };
        using var answer = await http.PostAsync("/api/v1/media", form);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return new Uri((await answer.JsonAsync()).GetProperty("playback").Text("hls")).PathAndQuery;
    }

    /// <summary>Reads all that a player could, and answers a sum of it.</summary>
    private static async Task<string> PlayAsync(HttpClient http, string link)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var segments = 0;
        foreach (var playlist in Addresses(await http.GetStringAsync(link)))
        {
            var at = new Uri(new Uri(http.BaseAddress!, link), playlist);
            foreach (var segment in Addresses(await http.GetStringAsync(at)))
            {
                sum.AppendData(await http.GetByteArrayAsync(new Uri(at, segment)));
                segments++;
            }
        }

        segments.ShouldBeGreaterThan(3);
        return Convert.ToHexString(sum.GetHashAndReset());
    }

    private static IEnumerable<string> Addresses(string playlist) => playlist.Split('\n')
        .Select(line => line.StartsWith('#') ? Quoted().Match(line).Groups["address"].Value : line.Trim()).Where(address => address.Length > 0).Distinct();

    [GeneratedRegex("URI=\"(?<address>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();
}
