namespace Sluice.Server.Cli;

/// <summary>A command cannot do what was asked. The message is for the person at the terminal.</summary>
/// <param name="message">What is wrong, in one line.</param>
/// <param name="hint">What to do about it, or null when the message says it.</param>
internal class CommandException(string message, string? hint = null) : Exception(message)
{
    /// <summary>What to do about it, or null.</summary>
    public string? Hint { get; } = hint;
}

/// <summary>There is no Sluice at the address: no use in asking it again.</summary>
/// <param name="message">What is wrong, in one line.</param>
/// <param name="hint">What to do about it.</param>
internal sealed class NoServerException(string message, string hint) : CommandException(message, hint);
