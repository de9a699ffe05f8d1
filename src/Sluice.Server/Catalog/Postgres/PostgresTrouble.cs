using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>What an error of the database means: codes are those of its manual, appendix A; what has no code is an error of the driver, known by its cause.</summary>
internal static class PostgresTrouble
{
    private const string DiskFull = "53100";

    /// <summary>The connection was lost or none was to be had; the same may go well on another one, in a moment.</summary>
    public static bool IsLoss(Exception e) => e switch
    {
        PostgresException p => p.SqlState is "57P01" or "57P02" or "57P03" or "57P05" or "53300" or "25P03" or "25006" || p.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException } => true,
        NpgsqlException n => n.IsTransient,
        SocketException => true,
        _ => false,
    };

    /// <summary>It was in the way of another transaction, and was undone for it.</summary>
    public static bool IsConflict(Exception e) => e is PostgresException { SqlState: "40001" or "40P01" };

    /// <summary>Somebody else held what it wanted, for longer than it was to wait.</summary>
    public static bool IsLocked(Exception e) => e is PostgresException { SqlState: "55P03" };

    /// <summary>We are not let in: no user, password or database of that name, one that may not do what we need, or no TLS that both want.</summary>
    public static bool IsRefusal(Exception e) => e switch
    {
        PostgresException p => p.SqlState is "3D000" or "42501" || p.SqlState.StartsWith("28", StringComparison.Ordinal),
        NpgsqlOperationInProgressException => false, // A mistake of ours.
        NpgsqlException { InnerException: null or AuthenticationException } n => !n.IsTransient,
        _ => false,
    };

    /// <summary>The disk of the database is full.</summary>
    public static bool IsDiskFull(Exception e) => e is PostgresException { SqlState: DiskFull };

    /// <summary>What it is, in a sentence for a person.</summary>
    public static string Sentence(Exception e) => e switch
    {
        PostgresException { SqlState: "3D000" } => "the server has no such database; make it (createdb) or look at storage.catalog",
        PostgresException { SqlState: "42501" } => "the user may not make tables there; let it own the database",
        PostgresException p when IsRefusal(p) => "it does not let this user in; look at the user of storage.catalog and at the password in SLUICE__STORAGE__CATALOGPASSWORD",
        PostgresException { SqlState: "53300" } => "it has as many connections as it allows; raise max_connections there",
        PostgresException { SqlState: "57P03" } => "it is starting or stopping",
        PostgresException { SqlState: "25006" } => "it can only be read now; the address of storage.catalog must lead to the one that is written",
        PostgresException p when IsLoss(p) => "it closed the connection",
        PostgresException p => $"it answers with error {p.SqlState}, {p.MessageText}",
        NpgsqlException { InnerException: TimeoutException } => "it does not answer in time",
        NpgsqlException { InnerException: AuthenticationException } => "its certificate is not trusted; look at sslmode and sslrootcert in storage.catalog",
        SocketException s => OfSocket(s),
        NpgsqlException { InnerException: SocketException s } => OfSocket(s),
        NpgsqlException { InnerException: IOException } => "the connection broke",
        _ => e.Message.TrimEnd('.'),
    };

    private static string OfSocket(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the name of the host in storage.catalog is not known",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "the connection broke",
        _ => "nobody answers at the address of storage.catalog",
    };
}
