using Sluice.Server.Access;
using Sluice.Server.Hosting;

namespace Sluice.Server.Nodes;

/// <summary>What came of an attempt to have something.</summary>
internal enum Taking
{
    /// <summary>This node has it now.</summary>
    Taken,

    /// <summary>Another node was faster.</summary>
    Lost,

    /// <summary>There is nothing to be had.</summary>
    Nothing,
}

/// <summary>
/// Whose turn it is to answer, when several nodes could be asked for what one of them has.
/// <code>
///   1 who has it? ── nobody, or this node by an earlier life ──▶ taken: answered here
///                 └─ another one ──▶ 2 passed on, once ──▶ answered
///   3 not answered: the other node died, and its lease stands for a while ──▶ again from the top, within <see cref="Patience"/>
/// </code>
/// </summary>
internal sealed class Turns(Holds holds, Whereabouts whereabouts, NodeForwarder forwarder, TimeProvider clock)
{
    /// <summary>A lease without a sign of life is over after that.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(6);

    /// <summary>A request waits so long for somebody to answer it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Takes something for this node; null when another one has it. It is not lost while nobody reaches the catalog.</summary>
    /// <param name="name">What.</param>
    /// <param name="ct">Cancels it.</param>
    /// <param name="length">Time without a sign of life after which it is anybody's; null for <see cref="Length"/>.</param>
    public async Task<Hold?> TryTakeAsync(string name, CancellationToken ct, TimeSpan? length = null)
    {
        whereabouts.Forget(name);
        return await holds.TryTakeAsync(name, length ?? Length, ct, isLasting: true);
    }

    /// <summary>Whether another node is to answer a request, and then it has.</summary>
    /// <param name="context">The request, of which nothing is answered.</param>
    /// <param name="name">What it is about, which this node has not.</param>
    /// <param name="takeAsync">Has this node have it, when no other one does.</param>
    public async Task<bool> PassAsync(HttpContext context, string name, Func<CancellationToken, Task<Taking>> takeAsync)
    {
        var (began, ct) = (clock.GetTimestamp(), context.RequestAborted);
        while (true)
        {
            // :: Step 1
            var owner = await whereabouts.OfAsync(name, ct);
            var mayRepeat = true;
            if (owner is null || owner.Name == holds.Self.Name)
            {
                if (await takeAsync(ct) != Taking.Lost)
                {
                    return false;
                }
            }
            else if (context.Features.Get<PassedOn>() is not null)
            {
                mayRepeat = false; // One hop: who passed it on looks again.
            }

            // :: Step 2
            else if (await forwarder.SendAsync(context, name, owner) is var end and not PassEnd.Answered)
            {
                mayRepeat = end == PassEnd.Unsent || IsRepeatable(context.Request);
            }
            else
            {
                return true;
            }

            // :: Step 3
            whereabouts.Forget(name);
            if (!mayRepeat || clock.GetElapsedTime(began) >= Patience)
            {
                context.Response.Headers.RetryAfter = "2";
                await Problem.WriteAsync(context, ErrorCode.NodeUnreachable);
                return true;
            }

            await Task.Delay(Pause, clock, ct);
        }
    }

    /// <summary>Asked twice it does no more than asked once, and it has no body that is used up.</summary>
    private static bool IsRepeatable(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsDelete(request.Method) || HttpMethods.IsConnect(request.Method))
        && request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0;
}
