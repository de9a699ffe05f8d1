namespace Sluice.Server.Hosting;

/// <summary>The server cannot start as it is set up. The message is for people and says what to change.</summary>
internal sealed class SetupException : Exception
{
    public SetupException(string message)
        : base(message)
    {
    }

    public SetupException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
