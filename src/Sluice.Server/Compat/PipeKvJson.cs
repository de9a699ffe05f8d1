using System.Text.Json.Serialization;

namespace Sluice.Server.Compat;

/// <summary>What pipeKV's front end reads.</summary>
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class PipeKvJson : JsonSerializerContext;
