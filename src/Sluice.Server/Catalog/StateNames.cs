namespace Sluice.Server.Catalog;

/// <summary>The words for states and kinds: the same in the catalog's rows and in the API, and written here only.</summary>
internal static class StateNames
{
    public const string Arriving = "arriving";
    public const string Ready = "ready";
    public const string Processing = "processing";
    public const string NeedsTranscode = "needs-transcode";

    public const string Queued = "queued";
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public const string Remux = "remux";
    public const string Encode = "encode";
    public const string Extras = "extras";
    public const string Replan = "replan";
    public const string Prepare = "prepare";
    public const string Publish = "publish";
    public const string Unpublish = "unpublish";

    public const string Cmaf = "cmaf";
    public const string Ts = "ts";

    public const string Url = "url";
    public const string Watch = "watch";
    public const string Channel = "channel";
    public const string Torrent = "torrent";

    /// <summary>The word for a state of an asset.</summary>
    public static string Name(this AssetState state) => state switch
    {
        AssetState.Ready => Ready,
        AssetState.Processing => Processing,
        AssetState.NeedsTranscode => NeedsTranscode,
        AssetState.Failed => Failed,
        AssetState.Arriving => Arriving,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The word for a state of a job.</summary>
    public static string Name(this JobState state) => state switch
    {
        JobState.Queued => Queued,
        JobState.Running => Running,
        JobState.Paused => Paused,
        JobState.Done => Done,
        JobState.Failed => Failed,
        JobState.Cancelled => Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The word for a state of a task.</summary>
    public static string Name(this WorkState state) => state switch
    {
        WorkState.Queued => Queued,
        WorkState.Running => Running,
        WorkState.Done => Done,
        WorkState.Failed => Failed,
        WorkState.Cancelled => Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>The word for a kind of job.</summary>
    public static string Name(this JobKind kind) => kind switch
    {
        JobKind.Remux => Remux,
        JobKind.Encode => Encode,
        JobKind.Extras => Extras,
        JobKind.Replan => Replan,
        JobKind.Prepare => Prepare,
        JobKind.Publish => Publish,
        JobKind.Unpublish => Unpublish,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The word for where an import comes from.</summary>
    public static string Name(this ImportKind kind) => kind switch
    {
        ImportKind.Url => Url,
        ImportKind.Watch => Watch,
        ImportKind.Channel => Channel,
        ImportKind.Torrent => Torrent,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The word for a form of publication.</summary>
    public static string Name(this PublicationForm form) => form switch
    {
        PublicationForm.Cmaf => Cmaf,
        PublicationForm.Ts => Ts,
        _ => throw new ArgumentOutOfRangeException(nameof(form)),
    };

    /// <summary>What a word of a row means; <paramref name="name"/> is one of the functions above.</summary>
    /// <exception cref="InvalidDataException">It is none of the words.</exception>
    public static T Parse<T>(string word, Func<T, string> name) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(name(value), word, StringComparison.Ordinal))
            {
                return value;
            }
        }

        throw new InvalidDataException($"The catalog holds an unknown {typeof(T).Name} '{word}'.");
    }
}
