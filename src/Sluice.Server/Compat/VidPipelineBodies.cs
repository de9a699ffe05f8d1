using System.Text.Json.Serialization;
namespace Sluice.Server.Compat;

/// <summary>A video as VidPipeline lists it; times as Python's <c>datetime.isoformat</c> writes them.</summary>
/// <param name="Id">Number of the row.</param>
/// <param name="VideoHash">Name of the upload, and of the title that it becomes.</param>
/// <param name="Title">Title.</param>
/// <param name="Description">Description, or null.</param>
/// <param name="TotalChunks">Chunks that were announced.</param>
/// <param name="ReceivedChunks">Chunks that are here, each counted once.</param>
/// <param name="Status"><c>uploading</c>, <c>processing</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="Reason">Why it failed, or null; VidPipeline did not say.</param>
/// <param name="Url">The HLS playlist once it plays, or null.</param>
/// <param name="HlsUrl">The same.</param>
/// <param name="DashUrl">The MPD once it plays, or null.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="MissingChunks">Numbers of the chunks that are not here; only while uploading, and only when some are.</param>
internal sealed record VidPipelineVideo(
    long Id, string VideoHash, string Title, string? Description, int TotalChunks, int ReceivedChunks, string Status, string? Reason,
    string? Url, string? HlsUrl, string? DashUrl, string CreatedAt, string UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? MissingChunks);

/// <summary>Answer to a chunk.</summary>
internal sealed record VidPipelineChunk(string Message, string VideoHash, int ReceivedChunks);

/// <summary>Answer to <c>finalize</c>.</summary>
internal sealed record VidPipelineFinal(string Message, string VideoHash, string? VideoUrl);

/// <summary>What <c>init</c> asks for.</summary>
/// <param name="Title">Title.</param>
/// <param name="Description">Description, or null.</param>
/// <param name="TotalChunks">Chunks that will come.</param>
/// <param name="Sha256">Ours: hash of the whole file; the unfinished upload of the same file is then gone on with, and the file is checked at the end.</param>
internal sealed record VidPipelineInit(string Title, string? Description, int TotalChunks, string? Sha256);

/// <summary>JSON of these bodies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VidPipelineVideo))]
[JsonSerializable(typeof(VidPipelineVideo[]))]
[JsonSerializable(typeof(VidPipelineChunk))]
[JsonSerializable(typeof(VidPipelineFinal))]
[JsonSerializable(typeof(VidPipelineInit))]
internal sealed partial class VidPipelineJson : JsonSerializerContext;
