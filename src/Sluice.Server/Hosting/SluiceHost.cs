namespace Sluice.Server.Hosting;

/// <summary>Composes the server.</summary>
internal static class SluiceHost
{
    /// <summary>The server as configured, not started.</summary>
    public static WebApplication Build(SluiceOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://{options.Server.Host}:{options.Server.Port}");
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapGet("/health", () => "ok");
        return app;
    }
}
