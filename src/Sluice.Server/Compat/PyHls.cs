namespace Sluice.Server.Compat;

/// <summary>PyHLS.</summary>
internal static class PyHls
{
    public static void MapPyHls(this IEndpointRouteBuilder routes) => _ = routes;
}
