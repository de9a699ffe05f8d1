using System.Diagnostics;
using System.Globalization;
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

    /// <summary>Starts it and makes the bucket.</summary>
    public static async Task<SwiftServer> StartAsync(Workshop workshop)
    {
        var process = Tool.Start(SwiftScript.Python, ["-I", "-c", SwiftScript.Text, workshop.NewFolder(), Secret]);
        var errors = process.StandardError.ReadToEndAsync();
        if (await process.StandardOutput.ReadLineAsync() is not { } said)
        {
            throw new InvalidOperationException("The S3 server does not start; is python3-swift installed? " + await errors);
        }

        var server = new SwiftServer(process, new Uri($"http://127.0.0.1:{int.Parse(said.Split(' ')[1], CultureInfo.InvariantCulture)}/"));
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

    /// <summary>By Swift's own interface, where a token is all that a request needs.</summary>
    private async Task MakeBucketAsync()
    {
        using var http = new HttpClient();
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, "auth/v1.0"));
        asked.Headers.Add("X-Auth-User", User);
        asked.Headers.Add("X-Auth-Key", Secret);
        using var let = (await http.SendAsync(asked)).EnsureSuccessStatusCode();
        using var made = new HttpRequestMessage(HttpMethod.Put, new Uri($"{let.Headers.GetValues("X-Storage-Url").Single()}/{Bucket}"));
        made.Headers.Add("X-Auth-Token", let.Headers.GetValues("X-Auth-Token").Single());
        (await http.SendAsync(made)).EnsureSuccessStatusCode().Dispose();
    }
}
