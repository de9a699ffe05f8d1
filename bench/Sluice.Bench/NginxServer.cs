using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench;

/// <summary>nginx on loopback, set up as its documentation advises for static files: a folder, and whatever else it is told to do.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private readonly Process _process;

    private NginxServer(Process process, Uri address, string folder)
    {
        _process = process;
        Address = address;
        Folder = folder;
    }

    /// <summary>Where it answers.</summary>
    public Uri Address { get; }

    /// <summary>What it serves.</summary>
    public string Folder { get; }

    /// <summary>Its master process; the workers are its children.</summary>
    public int Pid => _process.Id;

    /// <summary>Starts one that serves a folder; what is PUT under <c>/put/</c> it keeps there (WebDAV).</summary>
    public static Task<NginxServer> StartAsync(Workshop workshop) =>
        StartAsync(workshop, "", "location /put/ { dav_methods PUT; create_full_put_path on; }");

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="workshop">Has a place for it.</param>
    /// <param name="http">Directives of the <c>http</c> block; paths are below its own folder.</param>
    /// <param name="server">Those of the <c>server</c> block.</param>
    public static async Task<NginxServer> StartAsync(Workshop workshop, string http, string server)
    {
        var home = workshop.NewFolder();
        var files = Directory.CreateDirectory(Path.Combine(home, "files")).FullName;
        var port = SluiceServer.FreePort();
        var configuration = Path.Combine(home, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(home, files, port, http, server));
        var program = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        var process = Tool.Start(program, ["-p", home, "-c", configuration, "-e", Path.Combine(home, "error.log")]);
        var address = new Uri($"http://127.0.0.1:{port}/");
        using var client = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await client.GetAsync(address);
                return new NginxServer(process, address, files);
            }
            catch (HttpRequestException) when (tries < 200 && !process.HasExited)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await ProcessFacts.StopAsync(_process);
        _process.Dispose();
    }

    // As root its workers would be another user, who cannot read our private folder.
    private static string Configuration(string home, string files, int port, string http, string server) => string.Create(CultureInfo.InvariantCulture, $$"""
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        daemon off;
        worker_processes 2;
        pid {{home}}/nginx.pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path {{home}}/body; proxy_temp_path {{home}}/proxy; fastcgi_temp_path {{home}}/fastcgi;
            uwsgi_temp_path {{home}}/uwsgi; scgi_temp_path {{home}}/scgi;
            sendfile on; tcp_nopush on; tcp_nodelay on;
            keepalive_requests 100000000;
            open_file_cache max=10000 inactive=600s; open_file_cache_valid 600s; open_file_cache_errors on;
            types { video/mp4 mp4 m4s; application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
            {{http}}
            server {
                listen 127.0.0.1:{{port}}; root {{files}}; client_max_body_size 0;
                {{server}}
            }
        }
        """);
}
