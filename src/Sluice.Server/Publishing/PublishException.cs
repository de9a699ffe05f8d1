namespace Sluice.Server.Publishing;

/// <summary>A title cannot be published as was asked. The message is for people.</summary>
/// <param name="message">What is wrong, in one line.</param>
/// <param name="hint">What to do about it.</param>
/// <param name="mayPass">Another attempt may do better without anybody's doing.</param>
internal sealed class PublishException(string message, string hint, bool mayPass = false) : Exception(message)
{
    /// <summary>What to do about it.</summary>
    public string Hint { get; } = hint;

    /// <summary>Another attempt may do better without anybody's doing.</summary>
    public bool MayPass { get; } = mayPass;
}
