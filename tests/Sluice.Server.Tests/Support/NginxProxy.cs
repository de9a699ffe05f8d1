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

    private NginxProxy(Uri upstream, string server, string location)
    {
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Address = new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        }

        var configuration = Path.Combine(_home.FullName, "nginx.conf");
        File.WriteAllText(configuration, Configuration(upstream, server, location));
        _process = Process.Start(new ProcessStartInfo(Program!, ["-p", _home.FullName, "-c", configuration, "-e", Path.Combine(_home.FullName, "error.log")]))!;
    }

    public Uri Address { get; }

    private static string? Program { get; } =
        ((string[])["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"]).FirstOrDefault(File.Exists);

    /// <summary>Starts it, and waits until it answers.</summary>
    /// <param name="upstream">The server behind it.</param>
    /// <param name="server">Lines of the <c>server</c> block.</param>
    /// <param name="location">Lines of its only location.</param>
    public static async Task<NginxProxy> StartAsync(Uri upstream, string server, string location)
    {
        if (Program is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", "Not tested: needs nginx (apt-get install nginx-light).");
        }

        var proxy = new NginxProxy(upstream, server, location);
        using var http = proxy.Client();
        var answers = await Eventually.Holds(async () =>
        {
            try
            {
                using var answer = await http.GetAsync("/health");
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

    /// <summary>A client that takes its certificate.</summary>
    public HttpClient Client()
    {
        var http = _certificate.Client(Address, HttpVersion.Version20);
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
    private string Configuration(Uri upstream, string server, string location) => $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        worker_processes 1;
        pid {{_home.FullName}}/nginx.pid;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path {{_home.FullName}}/body; proxy_temp_path {{_home.FullName}}/proxy; fastcgi_temp_path {{_home.FullName}}/fastcgi;
            uwsgi_temp_path {{_home.FullName}}/uwsgi; scgi_temp_path {{_home.FullName}}/scgi;
            map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
            server {
                listen 127.0.0.1:{{Address.Port}} ssl{{(server.Contains("http2", StringComparison.Ordinal) ? " http2" : "")}};
                ssl_certificate {{_certificate.CertificateFile}};
                ssl_certificate_key {{_certificate.KeyFile}};
                {{server.Replace("http2", "", StringComparison.Ordinal)}}
                location / { proxy_pass {{upstream}}; {{location}} }
            }
        }
        """;
}
