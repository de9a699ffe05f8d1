using Microsoft.AspNetCore.Http.HttpResults;
using Sluice.Server.Access;
using Sluice.Server.Hosting;
using Sluice.Server.Jobs;

namespace Sluice.Server.Manage;

/// <summary>The broker between several machines, for its operator: <c>/api/v1/queue</c>.</summary>
internal static class QueueEndpoints
{
    private const int MostLetters = 20;

    /// <summary>Maps the routes.</summary>
    public static void MapQueue(this IEndpointRouteBuilder routes)
    {
        var queue = routes.MapGroup("/api/v1/queue").WithTags("jobs").RequireOperator();
        queue.MapGet("/", GetAsync).Produces<QueueView>()
            .WithSummary("How it is with the broker, what lies in its queues, and what was put aside and why.");
        queue.MapDelete("/dead", RemoveAsync).Produces(StatusCodes.Status204NoContent)
            .WithSummary("Remove what was put aside. No work goes with it: that is in the catalog.");
    }

    private static async Task<JsonHttpResult<QueueView>> GetAsync(IServiceProvider services, CancellationToken ct)
    {
        if (services.GetService<IBroker>() is not { } broker)
        {
            return TypedResults.Json(new QueueView("in-process", "connected", null, null, [], []), ManageJson.Default.QueueView);
        }

        var (status, depths, dead) = (broker.Status, await broker.DepthsAsync(ct), await broker.DeadLettersAsync(MostLetters, ct));
        return TypedResults.Json(
            new QueueView("rabbitmq", status.State, status.Trouble, status.Since, depths ?? [], dead ?? []),
            ManageJson.Default.QueueView);
    }

    private static async Task<IResult> RemoveAsync(IServiceProvider services, CancellationToken ct) =>
        services.GetService<IBroker>() is { } broker && await broker.RemoveDeadLettersAsync(ct) is null
            ? Problem.Result(ErrorCode.QueueUnreachable)
            : TypedResults.NoContent();
}

/// <summary>How it is with the queue.</summary>
/// <param name="Kind"><c>in-process</c> or <c>rabbitmq</c>.</param>
/// <param name="State"><c>connected</c>, <c>blocked</c> (it has no room and takes nothing) or <c>unreachable</c>; in both cases work is found in the catalog, seconds later.</param>
/// <param name="Trouble">Why it is not connected.</param>
/// <param name="Since">Since when it is in this state; null when there is no broker.</param>
/// <param name="Queues">What lies in its queues; empty when it cannot be asked.</param>
/// <param name="Dead">The oldest 20 of what was put aside.</param>
internal sealed record QueueView(
    string Kind, string State, string? Trouble, DateTimeOffset? Since, IReadOnlyList<QueueDepth> Queues, IReadOnlyList<DeadLetter> Dead);
