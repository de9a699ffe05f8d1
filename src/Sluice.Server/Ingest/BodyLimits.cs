using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Sluice.Server.Ingest;

/// <summary>The server's own limits of a request's body are no use for a file: its size is limited by the configuration, its silence by
/// <see cref="SilenceLimit"/>.</summary>
internal static class BodyLimits
{
    /// <summary>Takes them away.</summary>
    public static void Lift(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
