using Sluice.Server.Hosting;

namespace Sluice.Server.Access;

/// <summary>What absolute links begin with.</summary>
internal static class PublicAddress
{
    /// <summary><c>server.publicUrl</c> where it is given, because a proxy may hide how it was reached; else where
    /// <paramref name="request"/> came in, whose host has passed the allow-list. No slash at the end.</summary>
    public static string Of(HttpRequest request) =>
        request.HttpContext.RequestServices.GetRequiredService<SluiceOptions>().Server.PublicUrl is { } url
            ? url.TrimEnd('/')
            : $"{request.Scheme}://{request.Host.Value}";
}
