namespace Sluice.Server.Live.Channels;

/// <summary>What became of the channels of the configuration file, for those who list channels.</summary>
internal sealed class ConfigurationReport
{
    private string? _problem;

    /// <summary>Why the file as it is now is not in force, with its line and key; null when it is. What was in force before stays so.</summary>
    public string? Problem
    {
        get => Volatile.Read(ref _problem);
        set => Volatile.Write(ref _problem, value);
    }
}
