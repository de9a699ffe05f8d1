using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sluice.Server.Access;
using Sluice.Server.Compat;
using Sluice.Server.Deliver;
using Sluice.Server.Hosting.Configuration;
using Sluice.Server.Hosting.Tls;
using Sluice.Server.Ingest;
using Sluice.Server.Ingest.Arriving;
using Sluice.Server.Ingest.Chunks;
using Sluice.Server.Ingest.Imports;
using Sluice.Server.Ingest.Tus;
using Sluice.Server.Jobs;
using Sluice.Server.Live.Channels;
using Sluice.Server.Live.Output;
using Sluice.Server.Live.Relay;
using Sluice.Server.Manage;
using Sluice.Server.Manage.Admin;
using Sluice.Server.Manage.Channels;
using Sluice.Server.Manage.Metrics;
using Sluice.Server.Manage.Proxy;
using Sluice.Server.Manage.Sessions;
using Sluice.Server.Nodes;
using Sluice.Server.Package;
using Sluice.Server.Package.Arriving;
using Sluice.Server.Package.Making;
using Sluice.Server.Package.Matroska;
using Sluice.Server.Publishing;
using Sluice.Server.Recordings;
using Sluice.Server.Rooms;
using Sluice.Server.Sessions;
using Sluice.Server.Store;
using Sluice.Server.Store.PipeKv;
using Sluice.Server.Torrents;
using Sluice.Server.Transcode;

namespace Sluice.Server.Hosting;

/// <summary>
/// Puts the server together. A request goes through
/// <code>
/// NodeRequests → ProxyHeaders → ErrorBoundary → RequestRules (headers, Host, CORS) → /docs → TusProtocol → routing → SessionPassing → RateGate → AccessGate → endpoint
/// </code>
/// </summary>
internal static class SluiceHost
{
    /// <summary>Time that running requests get when the server is told to stop; then they are cut off.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(15);

    /// <summary>What of a body may have come and not been looked at yet, for each connection; twice what is looked at at once.</summary>
    private const long MostUnreadBytes = 2 * HashedWrite.PieceBytes;

    /// <summary>All routes, in the order of the API's description, and which nodes have them.</summary>
    private static readonly (Func<NodeRoles, bool> Belongs, Action<WebApplication> Map)[] Routes =
    [
        (_ => true, app => app.MapHealth()),
        (roles => roles.Serves, app => app.MapApiDocs()),
        (roles => roles.Serves, app => app.MapOperator()),
        (roles => roles.Api, app => app.MapPlaybackReports()),
        (roles => roles.Api, app => app.MapAdmin()),
        (roles => roles.Api, app => app.MapMedia()),
        (roles => roles.Api, app => app.MapTus()),
        (roles => roles.Api, app => app.MapSubtitles()),
        (roles => roles.Api, app => app.MapPublishing()),
        (roles => roles.Serves, app => app.MapJobs()),
        (roles => roles.Serves, app => app.MapQueue()),
        (roles => roles.Serves, app => app.MapEvents()),
        (roles => roles.Api, app => app.MapImports()),
        (roles => roles.Live, app => app.MapChannels()),
        (roles => roles.Live, app => app.MapSessions()),
        (roles => roles.Live, SessionRooms.Map),
        (_ => true, app => app.MapMetrics()),
        (roles => roles.Serves, app => app.MapProxyCheck()),
        (roles => roles.Api, app => app.MapPipeKvApi()),
        (roles => roles.Serves, app => app.MapRooms()),
        (roles => roles.Serves, app => app.MapGateCheck()),
        (roles => roles.Serves, app => app.MapDelivery()), // Sessions too are delivered as titles are.
        (roles => roles.Live, app => app.MapLive()),
        (roles => roles.Live, app => app.MapRelay()),
        (roles => roles.Api, app => app.MapPyHls()),
        (roles => roles.Api, app => app.MapVidPipeline()),
        (roles => roles.Live, app => app.MapRsd()),
        (roles => roles.Api, app => app.MapPipeKv()),
        (roles => roles.Live, app => app.MapStreamPipe()),
        (roles => roles.Serves, app => app.MapWebPages()),
    ];

    /// <summary>The server, ready to be started.</summary>
    /// <param name="loaded">The whole configuration.</param>
    /// <param name="configure">Last word on registrations, for tests.</param>
    /// <exception cref="SetupException">It cannot be started as it is configured.</exception>
    public static WebApplication Build(LoadedConfiguration loaded, Action<WebApplicationBuilder>? configure = null)
    {
        var options = loaded.Options;
        var roles = NodeRoles.Of(options);

        // Empty rather than slim: no appsettings.json, no file watchers on the working folder; our options are the configuration.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "sluice",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.WebHost.UseKestrelCore();

        // Without a hop from the transport's thread to another for each read and write; both are of the thread pool, so a
        // request that waits for a disk blocks nobody.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        var certificate = ServerCertificate.Of(options.Server);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options.Server, certificate));
        AddLogging(builder.Logging);
        AddServices(builder.Services, options, roles);
        if (!roles.Listens(options.Server))
        {
            builder.Services.AddSingleton<IServer, ClosedServer>();
        }

        builder.Services.AddConfiguredChannels(loaded);
        builder.Services.AddAdminSources(loaded);
        if (certificate is not null)
        {
            builder.Services.AddSingleton(certificate);
            builder.Services.AddHostedService<CertificateWatcher>();
        }

        builder.Services.KeepOnly(roles);

        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseNodes(options.Cluster);
        app.UseTrustedProxies(options.Server);
        app.UseMiddleware<ErrorBoundary>();
        app.UseMiddleware<RequestRules>();
        app.UseApiDocs();
        app.UseMiddleware<TusProtocol>();
        app.UseRouting();
        if (options.Cluster.Address is not null && roles.Serves)
        {
            app.UseMiddleware<SessionPassing>();
        }

        app.UseMiddleware<RateGate>();
        app.UseMiddleware<AccessGate>();
        MapAll(app, roles);
        if (options.Publish.Targets.Count > 0)
        {
            app.Services.GetRequiredService<PublishTargets>(); // One that cannot be is told now, and not when somebody publishes to it.
        }

        if (roles.Live && loaded.Channels.Count > 0)
        {
            app.Services.GetRequiredService<StreamsInForce>().Apply(loaded.Channels);
        }

        return app;
    }

    private static void AddServices(IServiceCollection services, SluiceOptions options, NodeRoles roles)
    {
        PrivateFolder.Ensure(options.Storage.Data);
        PrivateFolder.Restrict(options.Storage.Data);
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionBuffers>();
        services.AddRoutingCore();
        services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ManageJson.Default));
        services.Configure<HostOptions>(host =>
            (host.ShutdownTimeout, host.BackgroundServiceExceptionBehavior) = (DrainTime, BackgroundServiceExceptionBehavior.Ignore)); // BackgroundFailure does not.
        services.AddSingleton<BackgroundFailure>();
        services.AddHostedService(provider => provider.GetRequiredService<BackgroundFailure>());

        services.AddSingleton(options);
        services.AddSingleton(roles);
        services.AddSingleton(TimeProvider.System);
        services.AddCatalog(options.Storage);
        services.AddStore(options.Storage);

        services.AddSingleton(SigningSecret.Load(options, Environment.GetEnvironmentVariable));
        services.AddSingleton<NodePass>();
        services.AddSingleton<PlaybackTokens>();
        services.AddSingleton<OpenSessions>();
        services.AddSingleton<PageRule>();
        services.AddSingleton<PlaybackOrigins>();
        services.AddSingleton<PlaybackAccess>();
        services.AddSingleton<LinkViews>();
        services.AddSingleton<ClientRates>();
        services.AddSingleton<OperatorKey>();
        services.AddSingleton<OpenDoor>();
        services.AddSingleton<PlaybackActivity>();
        services.AddSingleton<OperatorSessions>();
        services.AddSingleton<OperatorAccess>();

        services.AddSingleton<Packager>();
        services.AddSingleton<SegmentMakers>();
        services.AddSingleton<MatroskaPackager>();
        services.AddSingleton<PackageStep>(provider => provider.GetRequiredService<TitlePreparation>().PackageAsync);
        services.AddSingleton<ArrivalStep>(provider => provider.GetRequiredService<ArrivalJudge>().LookAsync);
        services.AddSingleton<Gatherer>();
        services.AddSingleton<AfterPublish>(provider => (asset, jobs) =>
        {
            provider.GetRequiredService<JobControl>().Announce(jobs);
            provider.GetRequiredService<Gatherer>().Offer(asset);
        });
        services.AddSingleton<ObjectsReplaced>(provider => provider.GetRequiredService<OpenAssetCache>().Evict);
        services.AddArriving();
        services.AddSingleton<UploadSlots>();
        services.AddSingleton<Admission>();
        services.AddSingleton<MediaIntake>();
        services.AddUploads(options.Storage.Data);
        services.AddSingleton<VidPipelineRows>();
        services.AddSingleton<AssetRemoval>();
        services.AddSingleton<StoreTurns>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<EventSources>();
        services.AddAdmin();

        services.AddDelivery();
        services.AddHostedService<Startup>();
        services.AddJobs(
            options.Storage.NodeName(), options.Cluster.Address is { } address ? new Uri(address) : null,
            roles.Worker ? TranscodeSetup.LanesOf(options.Transcode) : null, options.Queue);
        services.AddNodes(options.Cluster);
        services.AddTranscode();
        services.AddPublishing(options);
        services.AddImports(options);
        services.AddTorrents(options);
        services.AddChannels(options.Cluster);
        services.AddChannelApi(options.Storage);
        services.AddRecordings();
        services.AddLiveOutput();
        services.AddRooms(options.Cluster);
        services.AddSessions(options.Cluster);
        services.AddSingleton<SessionJoining>();
        services.AddSingleton<SessionRooms>();
        services.AddSingleton<ProxyMeetings>();
        services.AddSingleton<RsdSessions>();
        services.AddSingleton<RsdTurns>();
        services.AddSingleton<RefererRule>();
        services.AddPipeKv(options);
        services.AddHostedService<WarmUp>();
        services.AddHostedService<RetentionSweeper>();
        services.AddHostedService<UploadSweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<Gatherer>());
    }

    private static void MapAll(WebApplication app, NodeRoles roles)
    {
        foreach (var (belongs, map) in Routes)
        {
            if (belongs(roles))
            {
                map(app);
            }
        }
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions server, ServerCertificate? certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBufferSize = MostUnreadBytes;
        var host = server.Host.Trim('[', ']');
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            // Kestrel cannot take one free port on both loopback addresses.
            kestrel.Listen(IPAddress.Loopback, server.Port, Secure);
        }
        else if (IPAddress.TryParse(host, out var address))
        {
            kestrel.Listen(address, server.Port, Secure);
        }
        else
        {
            throw new SetupException($"server.host is '{server.Host}', which is no IP address and not 'localhost'.");
        }

        void Secure(ListenOptions listener) => certificate?.Use(listener);
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // A failed start is told by who started us, in one line; the host would log it as well, with its trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // These write request URLs, and a URL may carry a token or a key. No setting turns them on.
        // Off altogether, the first also saves each request an activity and a logging scope.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.HttpLogging", LogLevel.None);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Warning);
    }
}
