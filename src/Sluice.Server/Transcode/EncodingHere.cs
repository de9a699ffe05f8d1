using Sluice.Server.Hosting;
using Sluice.Server.Processes;

namespace Sluice.Server.Transcode;

/// <summary>Whether anything can be encoded or repackaged on this machine.</summary>
internal static class EncodingHere
{
    /// <summary>Why nothing can be encoded here, in words for a person; null when it can.</summary>
    public static async Task<string?> WhyUselessAsync(this FfmpegTools tools, TranscodeOptions options, CancellationToken ct) => options.Enabled
        ? (await tools.CheckAsync(ct)).MissingReason
        : "encoding is switched off (transcode.enabled)";
}
