using System.Text.Json.Serialization;

namespace Sluice.Server.Rooms.Wire;

/// <summary>JSON of the rooms' messages. Built when the first room is.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 8)]
[JsonSerializable(typeof(ClientMessage))]
[JsonSerializable(typeof(WelcomeMessage))]
[JsonSerializable(typeof(StateMessage))]
[JsonSerializable(typeof(PeopleMessage))]
[JsonSerializable(typeof(ChatMessage))]
[JsonSerializable(typeof(PongMessage))]
[JsonSerializable(typeof(ErrorMessage))]
internal sealed partial class RoomJson : JsonSerializerContext;
