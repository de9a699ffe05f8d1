using System.Globalization;
using Sluice.Server.Hosting;
using Sluice.Server.Live.Channels;

namespace Sluice.Server.Live.Output;

/// <summary>Answers that say why a channel cannot be watched, and when to ask again.</summary>
internal static class ChannelProblem
{
    /// <summary>Players that are told so come back; a source that cannot be used is not asked again before that.</summary>
    private const int DefaultSeconds = 5;

    /// <summary>Somebody has to leave first.</summary>
    private const int FullSeconds = 30;

    /// <summary>Writes the answer; nothing may have been sent yet.</summary>
    public static Task WriteAsync(HttpContext context, ErrorCode code, string detail, int retrySeconds = DefaultSeconds)
    {
        if (code.Status is StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = retrySeconds.ToString(CultureInfo.InvariantCulture);
        }

        return Problem.WriteAsync(context, code, detail);
    }

    /// <summary>Writes what a channel says of itself.</summary>
    public static Task WriteAsync(HttpContext context, ChannelException why) => WriteAsync(
        context, why.Code, why.Message, why.Code == ErrorCode.ChannelFull ? FullSeconds : DefaultSeconds);
}
