using System.Text.Json.Serialization;
using Sluice.Media.Text;

namespace Sluice.Server.Transcode.Extras;

/// <summary>JSON of the object that describes a storyboard.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(Storyboard))]
internal sealed partial class StoryboardJson : JsonSerializerContext;
