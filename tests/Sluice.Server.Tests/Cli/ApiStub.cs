using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Sluice.Server.Tests.Support;

namespace Sluice.Server.Tests.Cli;

/// <summary>A server on loopback that answers every request as told, to see what a client really sends.</summary>
internal sealed class ApiStub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiStub(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>Starts it; with TLS when it has a certificate.</summary>
    public static async Task<ApiStub> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = null;
            k.Listen(IPAddress.Loopback, 0, listen => _ = certificate is null ? listen : listen.UseHttps(certificate));
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new ApiStub(app);
    }

    /// <summary>Answers with a status and a JSON body.</summary>
    public static async Task JsonAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    }

    /// <summary>Answers with a problem as the real server does.</summary>
    public static Task ProblemAsync(HttpContext context, int status, string detail, string hint) => JsonAsync(context, status,
        string.Create(CultureInfo.InvariantCulture, $$"""{"title":"t","status":{{status}},"detail":"{{detail}}","code":"c","hint":"{{hint}}"}"""));

    /// <summary>Ends the connection in the middle of a body: all that was written arrives, however busy the client is, and then comes the end.</summary>
    public static async Task CutAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();

        // Into the system's hands, from which it goes on by itself; a reset would take back what the client has not read yet.
        await Task.Delay(50);
        context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.Shutdown(SocketShutdown.Send);
        await Task.WhenAny(Task.Delay(Eventually.Patience, context.RequestAborted));
        context.Abort();
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
