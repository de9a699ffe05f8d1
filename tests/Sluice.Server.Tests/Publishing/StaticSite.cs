using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Sluice.Server.Tests.Publishing;

/// <summary>Somebody's plain web server over a folder, that knows nothing of Sluice: <c>/m3u8/NAME</c> and <c>/ts/NAME</c> are the flat files, as
/// pipeKV's proxy has them.</summary>
public sealed class StaticSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StaticSite(WebApplication app) => (_app, Http) = (app, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    public static async Task<StaticSite> StartAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".m4s"] = "video/mp4";
        types.Mappings[".m3u8"] = "application/vnd.apple.mpegurl";
        types.Mappings[".mpd"] = "application/dash+xml";
        types.Mappings[".ts"] = "video/mp2t";
        foreach (var path in (string[])["", "/m3u8", "/ts"])
        {
            app.UseStaticFiles(new StaticFileOptions
            {
                FileProvider = new PhysicalFileProvider(folder),
                RequestPath = path,
                ContentTypeProvider = types,
                OnPrepareResponse = answer => answer.Context.Response.Headers.AccessControlAllowOrigin = "*",
            });
        }

        await app.StartAsync();
        return new StaticSite(app);
    }

    /// <summary>Address of a file.</summary>
    public string Of(string name) => new Uri(Address, string.Join('/', name.Split('/').Select(Uri.EscapeDataString))).AbsoluteUri;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
