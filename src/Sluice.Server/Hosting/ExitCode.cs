using Sluice.Server.Catalog;

namespace Sluice.Server.Hosting;

/// <summary>What the program says to whoever started it when it ends; docs/operations.md has the table.</summary>
internal static class ExitCode
{
    /// <summary>It did what it was told to, up to being told to stop.</summary>
    public const int Done = 0;

    /// <summary>It failed; started again, it may do better.</summary>
    public const int Failed = 1;

    /// <summary>The catalog is that of a newer version: started again, it would end in the same way.</summary>
    public const int Outdated = 3;

    /// <summary>A command was told to stop: what shells say of SIGINT.</summary>
    public const int Stopped = 130;

    /// <summary>That of a failure.</summary>
    public static int Of(Exception e) => e switch
    {
        OperationCanceledException => Stopped,
        NewerSchemaException or SetupException { InnerException: NewerSchemaException } => Outdated,
        _ => Failed,
    };
}
