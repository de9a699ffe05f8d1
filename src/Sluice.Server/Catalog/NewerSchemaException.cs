namespace Sluice.Server.Catalog;

/// <summary>A newer version of the program has changed the catalog in a way that this one cannot work with. The message is for people and says what to do.</summary>
/// <param name="done">How far the schema is.</param>
/// <param name="known">How far this program knows it.</param>
internal sealed class NewerSchemaException(int done, int known) : Exception(
    $"The catalog has schema {done}, which this Sluice cannot work with: it knows up to {known}. " +
    "A newer version changed it; start that version here, or restore a copy made before the upgrade.");
