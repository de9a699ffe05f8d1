namespace Sluice.Server.Hosting.Configuration;

/// <summary>One value that someone gave.</summary>
/// <param name="Path">Which key: <c>server.port</c>.</param>
/// <param name="Values">Its value, or its values when it was given as a list.</param>
/// <param name="WasList">Whether it was given as a list.</param>
/// <param name="Source">Where it was given, for people: <c>sluice.yml line 3</c> or <c>--port</c>.</param>
internal readonly record struct Setting(string Path, IReadOnlyList<string> Values, bool WasList, string Source);
