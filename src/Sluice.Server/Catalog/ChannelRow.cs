using System.Data.Common;

namespace Sluice.Server.Catalog;

/// <summary>A channel that was made by the API; those of the configuration file have no row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">All that it is, as JSON of the live side. It may hold secrets: no part of it is shown or logged from here.</param>
/// <param name="Epoch">Playback tokens of another epoch are dead. Never 0, which is that of channels of the configuration file.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When its row last changed.</param>
internal sealed record ChannelRow(string Name, string Settings, int Epoch, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Columns in the order of <see cref="Read"/>.</summary>
    public const string Columns = "name, settings, epoch, created_at, updated_at";

    /// <summary>The parameters' names, in the same order.</summary>
    public const string Parameters = "$name, $settings, $epoch, $created_at, $updated_at";

    /// <summary>The channel in the reader's current row.</summary>
    public static ChannelRow Read(DbDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetInt32(2), AssetRow.FromMicroseconds(row.GetInt64(3)), AssetRow.FromMicroseconds(row.GetInt64(4)));

    /// <summary>Values of all columns, by parameter.</summary>
    public (string Name, object? Value)[] Values() =>
    [
        ("$name", Name), ("$settings", Settings), ("$epoch", Epoch),
        ("$created_at", AssetRow.ToMicroseconds(CreatedAt)), ("$updated_at", AssetRow.ToMicroseconds(UpdatedAt)),
    ];

    /// <summary>Its name and epoch: the settings are not for logs.</summary>
    public override string ToString() => $"{Name} ({Epoch})";
}
