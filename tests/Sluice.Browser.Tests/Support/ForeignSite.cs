using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Browser.Tests.Support;

/// <summary>Somebody else's web site, on an origin of its own, with a player of its own.</summary>
internal sealed class ForeignSite : IAsyncDisposable
{
    // What a site would write that knows nothing of Sluice: defaults everywhere.
    private const string Html =
        """
        <!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>elsewhere</title>
        <video data-testid="elsewhere" controls width="640"></video><p data-testid="reason"></p>
        <script src="/hls.js"></script><script src="/dash.js"></script>
        <script>
          const video = document.querySelector('video');
          const { kind, stream } = Object.fromEntries(new URLSearchParams(location.search));
          if (kind === 'native') video.src = stream;
          if (kind === 'dash') {
            const player = dashjs.MediaPlayer().create();
            player.updateSettings({ debug: { logLevel: 0 }, streaming: { utcSynchronization: { enabled: false } } });
            player.initialize(video, stream, false);
            globalThis.chooseHeight = height => {
              player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
              const chosen = player.getRepresentationsByType('video').find(r => r.height === height);
              player.setRepresentationForTypeById('video', chosen.id, true);
            };
          }
          if (kind === 'hls') {
            const hls = new Hls();
            hls.on(Hls.Events.ERROR, async (_, data) => {
              if (!data.fatal) return;
              const answer = data.networkDetails?.status >= 400 ? JSON.parse(data.networkDetails.responseText) : null;
              if (answer === null) console.error(data.details, data.reason);
              else document.querySelector('p').textContent = `${answer.code}: ${answer.detail}`;
            });
            hls.loadSource(stream);
            hls.attachMedia(video);
            globalThis.chooseHeight = height => { hls.nextLevel = hls.levels.findIndex(level => level.height === height); };
          }
        </script>
        """;

    private readonly WebApplication _app;

    private ForeignSite(WebApplication app) => (_app, Address) = (app, new Uri(app.Urls.First()));

    public Uri Address { get; }

    public static async Task<ForeignSite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", () => Results.Content(Html, "text/html"));
        app.MapGet("/hls.js", () => Script("hls.js/dist/hls.min.js"));
        app.MapGet("/dash.js", () => Script("dashjs/dist/modern/umd/dash.all.min.js"));
        await app.StartAsync();
        return new ForeignSite(app);
    }

    /// <summary>The page that plays a stream with <c>hls</c>, <c>dash</c>, or the browser's <c>native</c> player.</summary>
    public string Page(string kind, string stream) => $"{Address}?kind={kind}&stream={Uri.EscapeDataString(stream)}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Script(string package) =>
        Results.File(RepositoryRoot.File($"web/node_modules/{package}"), "text/javascript");
}
