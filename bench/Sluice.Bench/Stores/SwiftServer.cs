using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sluice.Server.Tests.Store.S3;

namespace Sluice.Bench.Stores;

/// <summary>The S3 server of the tests, OpenStack Swift, with one bucket.</summary>
internal sealed class SwiftServer : IAsyncDisposable
{
    private const string Bucket = "videos";
    private const string User = "test:tester";
    private const string Secret = "benchmarks";

    private readonly Process _process;
    private readonly Uri _address;

    private SwiftServer(Process process, Uri address) => (_process, _address) = (process, address);

    /// <summary>What a server that keeps its media in the bucket is told.</summary>
    public IEnumerable<(string Name, string Value)> Settings =>
    [
        ("SLUICE__STORAGE__S3__ENDPOINT", _address.GetLeftPart(UriPartial.Authority)),
        ("SLUICE__STORAGE__S3__BUCKET", Bucket),
        ("SLUICE__STORAGE__S3__ACCESSKEY", User),
        ("SLUICE__STORAGE__S3__SECRETKEY", Secret),
    ];

    /// <summary>Its process.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts it and makes the bucket.</summary>
    /// <param name="workshop">Where its folder is made.</param>
    /// <param name="host">Address of this machine at which it listens.</param>
    public static async Task<SwiftServer> StartAsync(Workshop workshop, string host = "127.0.0.1")
    {
        var process = Tool.Start(SwiftScript.Python, ["-I", "-c", SwiftScript.Text, workshop.NewFolder(), Secret, host]);
        var errors = process.StandardError.ReadToEndAsync();
        if (await process.StandardOutput.ReadLineAsync() is not { } said)
        {
            throw new InvalidOperationException("The S3 server does not start; is python3-swift installed? " + await errors);
        }

        var server = new SwiftServer(process, new Uri($"http://{host}:{int.Parse(said.Split(' ')[1], CultureInfo.InvariantCulture)}/"));
        await server.MakeBucketAsync();
        return server;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close(); // That is its sign to end.
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The names of all objects of the bucket, and of parts of uploads that never became objects.</summary>
    public async Task<IReadOnlyList<string>> ListAsync()
    {
        using var http = new HttpClient();
        var account = await AccountAsync(http);
        return [.. await ListAsync(http, account, Bucket), .. (await ListAsync(http, account, Bucket + "+segments")).Select(name => "part " + name)];
    }

    private static async Task<List<string>> ListAsync(HttpClient http, (string Url, string Token) account, string container)
    {
        var names = new List<string>();
        while (true)
        {
            using var asked = Ask(HttpMethod.Get, account, $"{container}?marker={Uri.EscapeDataString(names.LastOrDefault() ?? "")}");
            using var answer = await http.SendAsync(asked);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return names;
            }

            var page = (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (page.Length == 0)
            {
                return names;
            }

            names.AddRange(page);
        }
    }

    private async Task MakeBucketAsync()
    {
        using var http = new HttpClient();
        using var made = Ask(HttpMethod.Put, await AccountAsync(http), Bucket);
        (await http.SendAsync(made)).EnsureSuccessStatusCode().Dispose();
    }

    /// <summary>By Swift's own interface, where a token is all that a request needs.</summary>
    private async Task<(string Url, string Token)> AccountAsync(HttpClient http)
    {
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, "auth/v1.0"));
        asked.Headers.Add("X-Auth-User", User);
        asked.Headers.Add("X-Auth-Key", Secret);
        using var let = (await http.SendAsync(asked)).EnsureSuccessStatusCode();
        return (let.Headers.GetValues("X-Storage-Url").Single(), let.Headers.GetValues("X-Auth-Token").Single());
    }

    private static HttpRequestMessage Ask(HttpMethod method, (string Url, string Token) account, string path)
    {
        var asked = new HttpRequestMessage(method, new Uri($"{account.Url}/{path}"));
        asked.Headers.Add("X-Auth-Token", account.Token);
        return asked;
    }
}
