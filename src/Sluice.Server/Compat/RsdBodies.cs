using System.Text.Json.Serialization;

namespace Sluice.Server.Compat;

/// <summary>What a browser wants to watch: one of both.</summary>
/// <param name="Url">An http or https URL, or a magnet link.</param>
/// <param name="Magnet">A magnet link.</param>
internal sealed record RsdForm(string? Url, string? Magnet);

/// <summary>Whether it was done: <c>ok</c>, <c>stopped</c> or <c>session_not_found</c>.</summary>
internal sealed record RsdAnswer(string Status);

/// <summary>Why it was not.</summary>
internal sealed record RsdError(string Error);

/// <summary>What RSD needs, and whether it is there.</summary>
internal sealed record RsdStatus(bool Ffmpeg, bool Mpv);

/// <summary>JSON of these bodies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RsdAnswer))]
[JsonSerializable(typeof(RsdError))]
[JsonSerializable(typeof(RsdStatus))]
internal sealed partial class RsdJson : JsonSerializerContext;
