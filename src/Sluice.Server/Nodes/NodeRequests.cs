using Sluice.Server.Access;
using Sluice.Server.Hosting;

namespace Sluice.Server.Nodes;

/// <summary>
/// In front of everything, where there are other nodes: a request that one of them passes on is that of its client from here on. Whoever only says so is refused.
/// </summary>
internal sealed class NodeRequests(RequestDelegate next, NodePass pass)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.ContainsKey(NodePass.PassedHeader))
        {
            return next(context);
        }

        var (passed, no) = pass.CheckPassed(context.Request);
        if (passed is null)
        {
            return Problem.WriteAsync(context, no!.Value.Code);
        }

        context.Request.Headers.Remove(NodePass.PassedHeader);
        passed.ApplyTo(context);
        return next(context);
    }
}
