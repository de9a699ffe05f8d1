using Sluice.Server.Catalog;

namespace Sluice.Server.Access;

/// <summary>Writes down what was done with keys and links, by whom and when. Never the key or the link itself.</summary>
internal sealed partial class AuditLog(IAuditCatalog catalog, OperatorAccess operators, TimeProvider clock, ILogger<AuditLog> logger)
{
    /// <summary>Writes down what a request did. That it cannot be written is logged, and undoes nothing.</summary>
    public async Task NoteAsync(HttpContext context, string action, string actor)
    {
        var subject = context.Request.RouteValues["id"] ?? context.Request.RouteValues["name"];
        var row = new AuditRow(0, clock.GetUtcNow(), action, subject as string, actor, ClientAddress.Of(context)?.ToString());
        try
        {
            await catalog.AddAuditAsync(row, CancellationToken.None);
        }
        catch (Exception e)
        {
            Log.NotWritten(logger, e, action);
        }
    }

    /// <summary>By which right a request comes.</summary>
    public string ActorOf(HttpRequest request) =>
        request.Headers.ContainsKey("X-Admin-Key") || !Credentials.Query(request, "admin_key").IsEmpty ? "admin-key"
        : !Credentials.BearerOf(request).IsEmpty ? "operator-key"
        : operators.HasKey(request) ? "operator-session"
        : "no-key";

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{Action} was not written into the audit")]
        public static partial void NotWritten(ILogger logger, Exception e, string action);
    }
}

/// <summary>Puts the audit on an endpoint.</summary>
internal static class AuditExtensions
{
    /// <summary>Writes down each request that succeeds, and each that is refused for its key with <c>-refused</c> behind the name.</summary>
    public static RouteHandlerBuilder Audit(this RouteHandlerBuilder route, string action) => route.AddEndpointFilter(async (call, next) =>
    {
        var context = call.HttpContext;
        var audit = context.RequestServices.GetRequiredService<AuditLog>();
        var actor = audit.ActorOf(context.Request);
        context.Response.OnCompleted(() => context.Response.StatusCode switch
        {
            >= 200 and < 300 => audit.NoteAsync(context, action, actor),
            StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden => audit.NoteAsync(context, action + "-refused", actor),
            _ => Task.CompletedTask,
        });
        return await next(call);
    });
}
