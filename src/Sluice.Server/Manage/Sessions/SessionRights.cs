using Sluice.Server.Access;
using Sluice.Server.Hosting;

namespace Sluice.Server.Manage.Sessions;

/// <summary>Who may begin sessions, and end them: the operator, or anyone with <c>sessions.open</c>.</summary>
internal static class SessionRights
{
    /// <summary>Lets those through who may.</summary>
    /// <param name="route">The endpoint.</param>
    /// <param name="routes">What it was mapped on.</param>
    public static RouteHandlerBuilder RequireSessionRights(this RouteHandlerBuilder route, IEndpointRouteBuilder routes) =>
        routes.ServiceProvider.GetRequiredService<SluiceOptions>().Sessions.Open
            ? route.AllowAnyone("sessions.open lets anyone begin and end sessions").AddEndpointFilter(RefuseOtherSitesAsync)
            : route.RequireOperator();

    /// <summary>Anyone may, but not a page of another site in anyone's name: it would have this server fetch what it wants through a visitor's
    /// browser.</summary>
    private static ValueTask<object?> RefuseOtherSitesAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var services = call.HttpContext.RequestServices;
        var request = call.HttpContext.Request;
        return services.GetRequiredService<OpenDoor>().NamesAnotherSite(request) && !services.GetRequiredService<OperatorAccess>().HasKey(request)
            ? ValueTask.FromResult<object?>(Problem.Result(ErrorCode.OriginRefused))
            : next(call);
    }
}
