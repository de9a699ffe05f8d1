using System.Diagnostics;
using System.Reflection;
using Sluice.Server.Access;
using Sluice.Server.Jobs;
using Sluice.Server.Live.Channels;
using Sluice.Server.Recordings;

namespace Sluice.Server.Manage.Metrics;

/// <summary>
/// For Prometheus and what reads its format: <c>/metrics</c>. It names channels, so it is the operator's; a monitor sends the key as
/// <c>Authorization: Bearer</c>. All of it is read when it is asked for.
/// </summary>
internal static class MetricsEndpoints
{
    /// <summary>Maps the route.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", SendAsync).RequireOperator().WithTags("health")
            .Produces(StatusCodes.Status200OK, contentType: "text/plain")
            .WithSummary("Metrics of the process, of all channels and of the broker, in the text format of Prometheus.");

    private static async Task SendAsync(HttpContext context, ChannelRegistry channels, RecordingDesk recordings)
    {
        var text = new MetricText();
        WriteProcess(text);
        ChannelMetrics.Write(text, channels, recordings);
        await QueueMetrics.WriteAsync(text, context.RequestServices.GetService<IBroker>(), context.RequestAborted);
        context.Response.ContentType = MetricText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    /// <summary>Names as Prometheus' own client libraries have them.</summary>
    private static void WriteProcess(MetricText text)
    {
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime.ToUniversalTime());
        text.Gauge("sluice_build_info", "1, with the version of the program.",
        [
            new MetricValue(1, [KeyValuePair.Create("version", typeof(MetricsEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "")]),
        ]);
        text.Counter("process_cpu_seconds_total", "Processor time of the process.", MetricValue.Alone(Environment.CpuUsage.TotalTime.TotalSeconds));
        text.Gauge("process_resident_memory_bytes", "Memory of the process.", MetricValue.Alone(Environment.WorkingSet));
        text.Gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", MetricValue.Alone(started.ToUnixTimeMilliseconds() / 1000d));
        text.Gauge("process_threads", "Threads of the process.", MetricValue.Alone(process.Threads.Count));
        text.Gauge("dotnet_gc_heap_bytes", "Memory of managed objects.", MetricValue.Alone(GC.GetTotalMemory(forceFullCollection: false)));
    }
}
