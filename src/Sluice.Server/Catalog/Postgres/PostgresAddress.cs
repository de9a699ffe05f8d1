using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Sluice.Server.Catalog.Postgres;

/// <summary>
/// Where a PostgreSQL database is: <c>postgres://user@host:5432/database</c>, with <c>?sslmode=verify-full</c> and <c>&amp;sslrootcert=FILE</c> where
/// wanted, and <c>?host=/folder</c> for a socket of this machine. The password is none of it: addresses are shown, and stand in lists of processes.
/// </summary>
/// <param name="Shown">The address as people may read it.</param>
/// <param name="ConnectionString">The same for the driver, with the password.</param>
internal sealed record PostgresAddress(string Shown, string ConnectionString)
{
    /// <summary>What an address looks like, for the reader of a refusal.</summary>
    public const string Rule = "an address such as postgres://user@host:5432/database, without a password";

    // Longest waits of one connection and one statement: with the patience of the catalog they stay below what a viewer's request may take.
    private const int ConnectSeconds = 3;
    private const int CommandSeconds = 5;
    private const int MostConnections = 32;

    // So many kinds of statements are prepared once on each connection.
    private const int MostPrepared = 64;

    /// <summary>
    /// What the database does when a node is gone without a word (its network is cut): it notices within half a minute, and a transaction that was
    /// left open, with what it locked, ends after fifteen seconds.
    /// </summary>
    private const string Session =
        "-c idle_in_transaction_session_timeout=15000 -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=15000";

    /// <summary>Whether this is an address.</summary>
    public static bool IsAddress(string text) => TryParse(text, null, out _);

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="password">The password, which the address has not; null for none, or one that <c>PGPASSFILE</c> has.</param>
    /// <param name="address">What was read.</param>
    public static bool TryParse(string text, string? password, [NotNullWhen(true)] out PostgresAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("postgres" or "postgresql")
            || url.UserInfo.Contains(':', StringComparison.Ordinal) || url.Fragment.Length > 0)
        {
            return false;
        }

        var driver = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Database = Uri.UnescapeDataString(url.AbsolutePath.Trim('/')),
            Password = password,
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            MaxPoolSize = MostConnections,
            MaxAutoPrepare = MostPrepared,
            NoResetOnClose = true, // Nothing is left in a session but statements that were prepared.
            Enlist = false,
            Options = Session,
        };
        if (url.Port > 0)
        {
            driver.Port = url.Port;
        }

        if (url.UserInfo.Length > 0)
        {
            driver.Username = Uri.UnescapeDataString(url.UserInfo);
        }

        if (!TakeOptions(url.Query, driver) || string.IsNullOrEmpty(driver.Host) || string.IsNullOrEmpty(driver.Database))
        {
            return false;
        }

        address = new PostgresAddress(text, driver.ConnectionString);
        return true;
    }

    /// <summary>The address alone: the other form has the password.</summary>
    public override string ToString() => Shown;

    private static bool TakeOptions(string query, NpgsqlConnectionStringBuilder driver)
    {
        foreach (var option in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = option.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (option, "");
            switch (name)
            {
                case "host":
                    driver.Host = value;
                    break;
                case "sslrootcert":
                    driver.RootCertificate = value;
                    break;
                case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode):
                    driver.SslMode = mode;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
