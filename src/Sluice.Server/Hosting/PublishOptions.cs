namespace Sluice.Server.Hosting;

/// <summary>Section <c>publish</c>: places from which others serve titles.</summary>
internal sealed class PublishOptions
{
    /// <summary>Names of places, each with its address: a folder, <c>s3://bucket/prefix</c> or <c>pipekv://host</c>. Clients of the API name one of these. Default none.</summary>
    public IReadOnlyDictionary<string, string> Targets { get; set; } = new Dictionary<string, string>();

    /// <summary>Files that are sent to a place at once; as many segments are in memory. Default 4.</summary>
    public int Parallel { get; set; } = 4;
}
