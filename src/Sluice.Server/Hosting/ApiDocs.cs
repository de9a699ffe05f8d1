using Sluice.Server.Access;

namespace Sluice.Server.Hosting;

/// <summary>The API described: <c>/openapi/v1.json</c>, and for people <c>/docs</c>, all from this program.</summary>
internal static class ApiDocs
{
    private const string Why = "the API is no secret";

    /// <summary>
    /// Swagger UI draws its icons from <c>data:</c>; its scripts and styles are files, but for one element of styles that it makes, which is allowed by its
    /// hash. Another version may make another: a browser then says its hash, and a test shows that.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Serves the pages under <c>/docs</c>. They are put together when they are first asked for: most servers never are, and they
    /// bring 2 MB of code along.</summary>
    public static void UseApiDocs(this WebApplication app) => app.Use(next =>
    {
        var pages = new Lazy<RequestDelegate>(() => Pages(app, next));
        return context => context.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase) ? pages.Value(context) : next(context);
    });

    private static RequestDelegate Pages(IApplicationBuilder app, RequestDelegate next)
    {
        var docs = app.New();
        docs.Use((context, following) =>
        {
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            return following(context);
        });
        docs.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "docs";
            ui.DocumentTitle = "Sluice API";
            ui.SwaggerEndpoint("/openapi/v1.json", "Sluice");
        });
        docs.Run(next);
        return docs.Build();
    }

    /// <summary>Maps the description. It is a file of this repository, which a test holds against the routes: to make it up at run time
    /// costs every start memory and time for what few ask.</summary>
    public static void MapApiDocs(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi/v1.json", () => Results.Stream(
                typeof(ApiDocs).Assembly.GetManifestResourceStream("openapi.json")!, "application/json; charset=utf-8"))
            .ExcludeFromDescription()
            .AllowAnyone(Why);
}
