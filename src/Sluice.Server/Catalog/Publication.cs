namespace Sluice.Server.Catalog;

/// <summary>What a title is published as.</summary>
internal enum PublicationForm
{
    /// <summary>HLS and DASH over CMAF segments, in a folder of the title's own.</summary>
    Cmaf,

    /// <summary>HLS over MPEG-TS segments, in a flat space of names.</summary>
    Ts,
}

/// <summary>That a title is published somewhere, or is about to be, or to be taken away.</summary>
internal sealed record Publication
{
    /// <summary>The title.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Where: the target's name in the configuration.</summary>
    public required string Target { get; init; }

    /// <summary>What as.</summary>
    public required PublicationForm Form { get; init; }

    /// <summary>Its name there: the folder of the title, or the name of its playlist without extension.</summary>
    public required string Name { get; init; }

    /// <summary>The job that was last made for it.</summary>
    public string JobId { get; init; } = "";

    /// <summary>Bytes of all its files; 0 when it never was published to the end.</summary>
    public long Bytes { get; init; }

    /// <summary>What is left there although it was taken away, in words for a person; null when it was not.</summary>
    public string? Note { get; init; }

    /// <summary>When it was first asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last published to the end; null when never, or when it was taken away since.</summary>
    public DateTimeOffset? PublishedAt { get; init; }
}
