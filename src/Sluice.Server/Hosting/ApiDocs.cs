using Sluice.Server.Access;

namespace Sluice.Server.Hosting;

/// <summary>The API described: <c>/openapi/v1.json</c>, and for people <c>/docs</c>, all from this program.</summary>
internal static class ApiDocs
{
    private const string Why = "the API is no secret";

    /// <summary>Swagger UI styles its elements inline and draws its icons from <c>data:</c>; its scripts are files.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Serves the pages under <c>/docs</c>.</summary>
    public static void UseApiDocs(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase), docs =>
        {
            docs.Use((context, next) =>
            {
                context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                return next(context);
            });
            docs.UseSwaggerUI(ui =>
            {
                ui.RoutePrefix = "docs";
                ui.DocumentTitle = "Sluice API";
                ui.SwaggerEndpoint("/openapi/v1.json", "Sluice");
            });
        });
    }

    /// <summary>Maps the description. It is a file of this repository, which a test holds against the routes: to make it up at run time
    /// costs every start memory and time for what few ask.</summary>
    public static void MapApiDocs(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi/v1.json", () => Results.Stream(
                typeof(ApiDocs).Assembly.GetManifestResourceStream("openapi.json")!, "application/json; charset=utf-8"))
            .ExcludeFromDescription()
            .AllowAnyone(Why);
}
