using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Sluice.Server.Tests.Support;

/// <summary>A real nginx in front of a server of ours, with https and a configuration of the test's own.</summary>
internal sealed class NginxProxy : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("sluice-nginx-");
    private readonly TestCertificate _certificate = new();
    private readonly Process _process;

    private NginxProxy(Func<NginxProxy, string> http)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Address = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        }

        var configuration = Path.Combine(_home.FullName, "nginx.conf");
        File.WriteAllText(configuration, Configuration(http(this)));
        _process = Process.Start(new ProcessStartInfo(Program!, ["-p", _home.FullName, "-c", configuration, "-e", Path.Combine(_home.FullName, "error.log")]))!;
    }

    public Uri Address { get; }

    private static string? Program { get; } =
        ((string[])["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"]).FirstOrDefault(File.Exists);

    /// <summary>Starts it, and waits until it answers.</summary>
    /// <param name="upstream">The server behind it.</param>
    /// <param name="server">Lines of the <c>server</c> block.</param>
    /// <param name="location">Lines of its only location.</param>
    public static Task<NginxProxy> StartAsync(Uri upstream, string server, string location) => StartAsync(proxy => $$"""
        server {
            {{proxy.Listen(server.Contains("http2", StringComparison.Ordinal))}}
            {{server.Replace("http2", "", StringComparison.Ordinal)}}
            location / { proxy_pass {{upstream}}; {{location}} }
        }
        """);

    /// <summary>Starts it with other servers, and waits until it answers.</summary>
    /// <param name="http">Lines of the <c>http</c> block; the server that listens has those of <see cref="Listen"/>.</param>
    public static async Task<NginxProxy> StartAsync(Func<NginxProxy, string> http)
    {
        if (Program is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs nginx (apt-get install nginx-light).");
        }

        var proxy = new NginxProxy(http);
        using var client = proxy.Client();
        var answers = await Eventually.Holds(async () =>
        {
            try
            {
                using var answer = await client.GetAsync("/health");
                return true;
            }
            catch (HttpRequestException) when (!proxy._process.HasExited)
            {
                return false;
            }
        });
        Assert.True(answers, "nginx does not answer");
        return proxy;
    }

    /// <summary>Its own folder.</summary>
    public string Home => _home.FullName;

    /// <summary>Where it listens, with which certificate.</summary>
    public string Listen(bool http2) =>
        $"listen 127.0.0.1:{Address.Port} ssl{(http2 ? " http2" : "")}; ssl_certificate {_certificate.CertificateFile}; ssl_certificate_key {_certificate.KeyFile};";

    /// <summary>A client that takes its certificate.</summary>
    /// <param name="name">By which it asks; that of this machine when null.</param>
    public HttpClient Client(string? name = null)
    {
        var http = _certificate.Client(new UriBuilder(Address) { Host = name ?? Address.Host }.Uri, HttpVersion.Version20, Address);
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        return http;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _certificate.Dispose();
        _home.Delete(recursive: true);
    }

    // As root its workers would be another user, who cannot read our private folder.
    private string Configuration(string http) => $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        worker_processes 1;
        pid {{Home}}/nginx.pid;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path {{Home}}/body; proxy_temp_path {{Home}}/proxy; fastcgi_temp_path {{Home}}/fastcgi;
            uwsgi_temp_path {{Home}}/uwsgi; scgi_temp_path {{Home}}/scgi;
            map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
            {{http}}
        }
        """;
}
