using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sluice.Server.Tests.Cli;

/// <summary>A server on loopback that answers every request as told, to see what a client really sends.</summary>
internal sealed class ApiStub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiStub(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>Starts it.</summary>
    public static async Task<ApiStub> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
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

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
