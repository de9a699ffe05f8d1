using System.Text;
using Sluice.Server.Access;
using Sluice.Server.Catalog;
using Sluice.Server.Jobs;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Hosting;

/// <summary>For monitors: <c>/health</c> says that the process answers, <c>/ready</c> that it can do its work.</summary>
internal static class HealthEndpoints
{
    private const string Why = "monitors have no key; it tells how many channels there are, whether the broker is reached, and nothing else";

    private static ReadOnlyMemory<byte> Ok { get; } = """{"status":"ok"}"""u8.ToArray();

    /// <summary>Maps the routes.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", [HttpMethods.Get, HttpMethods.Head], HealthAsync)
            .AllowAnyone(Why).WithTags("health").WithSummary("The process answers.");
        routes.MapMethods("/ready", [HttpMethods.Get, HttpMethods.Head], ReadyAsync)
            .AllowAnyone(Why).WithTags("health").WithSummary("The catalog answers; 503 when it does not.");
    }

    /// <summary>What <c>/</c> answers to programs, as StreamPipe did: the number of its channels.</summary>
    public static Task HomeAsync(HttpContext context) =>
        SendAsync(context, Encoding.UTF8.GetBytes($$"""{"status":"ok","streams":{{Channels(context)}},"docs":"/docs"}"""));

    /// <summary>200 also while the catalog cannot be reached: what is remembered is served, and a restart would mend nothing.</summary>
    private static Task HealthAsync(HttpContext context) => SendAsync(context, Encoding.UTF8.GetBytes(
        context.RequestServices.GetRequiredService<ICatalog>().Trouble is null
            ? $$"""{"status":"ok","streams":{{Channels(context)}}{{Queue(context)}}}"""
            : $$"""{"status":"degraded","streams":{{Channels(context)}},"catalog":"unreachable"{{Queue(context)}}}"""));

    /// <summary>Without the broker all goes on, later: so the node is well all the same.</summary>
    private static string Queue(HttpContext context) => context.RequestServices.GetService<IBroker>() is { } broker
        ? $",\"queue\":\"{broker.Status.State}\""
        : "";

    private static int Channels(HttpContext context) => context.RequestServices.GetRequiredService<ChannelRegistry>().All.Count;

    /// <summary>Sends a ready-made JSON body.</summary>
    private static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static async Task ReadyAsync(HttpContext context, ICatalog catalog)
    {
        try
        {
            await catalog.ListAsync(null, 1, context.RequestAborted);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await Problem.WriteAsync(context, ErrorCode.CatalogUnreachable);
            return;
        }

        await SendAsync(context, Ok);
    }
}
