namespace Sluice.Server.Catalog;

/// <summary>The database of the catalog cannot be used now. The message is for people, and has no secrets.</summary>
internal sealed class CatalogUnreachableException(string message, Exception inner) : Exception(message, inner);
