using System.Globalization;
using Sluice.Server.Outbound;

namespace Sluice.Server.Store.PipeKv;

/// <summary>What an answer says of the value that it holds.</summary>
/// <param name="LengthBytes">Of the whole value; null when it is not known before the end.</param>
/// <param name="Version">Which of the values that were ever under this key; null when it is not said.</param>
/// <param name="TakesRanges">Parts of it can be asked for.</param>
/// <param name="Headers">Those that viewers are told.</param>
internal sealed record PipeKvFacts(long? LengthBytes, string? Version, bool TakesRanges, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Longest value of a header that is passed on; those that are known have some ten characters.</summary>
    private const int LongestHeader = 200;

    private const string VersionHeader = "x-kv-version";

    private static readonly string[] PassedOn = ["x-cache", "x-cache-node", VersionHeader, "x-kv-latency-ms"];

    /// <summary>Which node or cache answered; empty when it is not said.</summary>
    public string Node => Headers.FirstOrDefault(static header => header.Key == "x-cache-node").Value ?? "";

    /// <summary>Reads the head of an answer.</summary>
    public static PipeKvFacts Of(OutboundResponse response) => new(
        response.Status == StatusCodes.Status206PartialContent ? response.WholeBytes : response.LengthBytes,
        Clean(response.Header(VersionHeader)) ?? response.Validator,
        response.Status == StatusCodes.Status206PartialContent || response.Header("accept-ranges") == "bytes",
        [.. PassedOn.Select(name => KeyValuePair.Create(name, Clean(response.Header(name)) ?? "")).Where(static header => header.Value.Length > 0)]);

    /// <summary>Whether both are certainly of the same value. Two of which nothing is said may be of two.</summary>
    public bool IsSame(PipeKvFacts other) => Version is not null && Version == other.Version
        && (LengthBytes is null || other.LengthBytes is null || LengthBytes == other.LengthBytes);

    /// <summary>Whether this is of a value that the other one has replaced, as far as versions are numbers.</summary>
    public bool IsOlderThan(PipeKvFacts other) => TryNumber(Version, out var mine) && TryNumber(other.Version, out var its) && mine < its;

    private static bool TryNumber(string? version, out long number) => long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static string? Clean(string? value) =>
        value is { Length: > 0 and <= LongestHeader } && value.All(static c => c is >= ' ' and <= '~') ? value : null;
}
