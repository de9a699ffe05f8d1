using System.Globalization;
using Sluice.Server.Tests.Support;

namespace Sluice.Bench.Stores;

/// <summary>
/// A node of Pipe KV as its wire format is publicly known: values over TLS by a certificate of its own, for who has the key. It is an nginx, so
/// that the node is never what is measured.
/// </summary>
internal sealed class KvOrigin : IAsyncDisposable
{
    private const string Key = "8d3c1f2a-0000-4000-8000-5ec2e7000002";
    private const int PacketBytes = 188;

    private readonly TestCertificate _certificate;
    private readonly NginxServer _nginx;
    private readonly int _port;

    private KvOrigin(TestCertificate certificate, NginxServer nginx, int port) => (_certificate, _nginx, _port) = (certificate, nginx, port);

    /// <summary>What a server that asks it is told.</summary>
    /// <param name="cacheBytes">That the server may keep.</param>
    public IEnumerable<(string Name, string Value)> Settings(long cacheBytes) =>
    [
        ("SLUICE__PIPEKV__URL", $"https://127.0.0.1:{_port}"),
        ("SLUICE__PIPEKV__KEY", Key),
        ("SLUICE__PIPEKV__PIN", _certificate.Print),
        ("SLUICE__PIPEKV__CACHEBYTES", cacheBytes.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>How nginx passes <c>/ts/NAME</c> on from it.</summary>
    public string Location => $$"""
        location /ts/ {
            proxy_pass https://127.0.0.1:{{_port}}/kv/;
            proxy_set_header X-Service-Key {{Key}};
            proxy_ssl_trusted_certificate {{_certificate.CertificateFile}}; proxy_ssl_verify on; proxy_ssl_name localhost;
        """;

    /// <summary>Starts it.</summary>
    public static async Task<KvOrigin> StartAsync(Workshop workshop)
    {
        var certificate = new TestCertificate();
        var port = SluiceServer.FreePort();
        var nginx = await NginxServer.StartAsync(workshop, "", $$"""
            listen 127.0.0.1:{{port}} ssl;
            ssl_certificate {{certificate.CertificateFile}}; ssl_certificate_key {{certificate.KeyFile}};
            location /kv/ {
                if ($http_x_service_key != "{{Key}}") { return 401; }
                add_header x-cache HIT; add_header x-cache-node pop-1; add_header x-kv-version 1; add_header x-kv-latency-ms 0.2;
            }
            """);
        Directory.CreateDirectory(Path.Combine(nginx.Folder, "kv"));
        return new KvOrigin(certificate, nginx, port);
    }

    /// <summary>Makes values of MPEG-TS, each of its own; answers their paths at a proxy.</summary>
    /// <param name="name">What their names begin with.</param>
    /// <param name="sizes">About how large each is, in bytes.</param>
    public async Task<IReadOnlyList<string>> MakeAsync(string name, IEnumerable<int> sizes)
    {
        var random = new Random(1);
        var paths = new List<string>();
        foreach (var size in sizes)
        {
            var bytes = new byte[size / PacketBytes * PacketBytes];
            random.NextBytes(bytes);
            for (var at = 0; at < bytes.Length; at += PacketBytes)
            {
                bytes[at] = 0x47;
            }

            var key = string.Create(CultureInfo.InvariantCulture, $"{name}_{paths.Count}.ts");
            await File.WriteAllBytesAsync(Path.Combine(_nginx.Folder, "kv", key), bytes);
            paths.Add("/ts/" + key);
        }

        return paths;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _nginx.DisposeAsync();
        _certificate.Dispose();
    }
}
