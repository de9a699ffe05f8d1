using System.Diagnostics.CodeAnalysis;
using Sluice.Server.Hosting;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>Where the broker is, of the key <c>queue.url</c>: <c>amqp://user@host:port/vhost</c> (RabbitMQ URI specification). No password:
/// it would stand wherever the address does.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port; 5672, or 5671 with TLS, when none is given.</param>
/// <param name="VirtualHost"><c>/</c> when none is given.</param>
/// <param name="User"><c>guest</c> when none is given.</param>
/// <param name="IsSecure">Whether it speaks TLS: <c>amqps</c>.</param>
internal sealed record BrokerAddress(string Host, int Port, string VirtualHost, string User, bool IsSecure)
{
    /// <summary>What it must be, for people.</summary>
    public const string Rule = "an address such as amqp://user@host/vhost (amqps for TLS), without the password, which is queue.password";

    private const string Guest = "guest";

    /// <summary>For messages.</summary>
    public string Shown => $"{Host}:{Port}";

    /// <summary>Reads it; false when it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out BrokerAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0
            || uri.UserInfo.Contains(':', StringComparison.Ordinal) || uri.Query.Length > 0 || uri.Fragment.Length > 0
            || uri.AbsolutePath.TrimStart('/').Contains('/', StringComparison.Ordinal))
        {
            return false;
        }

        var secure = uri.Scheme == "amqps";
        var vhost = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        address = new BrokerAddress(
            uri.Host.Trim('[', ']'), uri.Port > 0 ? uri.Port : secure ? 5671 : 5672, vhost.Length > 0 ? vhost : "/",
            uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(uri.UserInfo) : Guest, secure);
        return true;
    }

    /// <summary>The password, of the configuration or of the file that it names.</summary>
    /// <exception cref="SetupException">There is none.</exception>
    public string PasswordOf(QueueOptions options)
    {
        if (options.Password is { } given)
        {
            return given;
        }

        if (options.PasswordFile is not { } file)
        {
            return User == Guest
                ? Guest // What a broker is installed with; it takes it from its own machine only.
                : throw new SetupException($"The password of '{User}' at the broker is missing: give SLUICE__QUEUE__PASSWORD or queue.passwordFile.");
        }

        try
        {
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"queue.passwordFile '{file}' cannot be read.", e);
        }
    }
}
