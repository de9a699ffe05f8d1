using System.Net.Sockets;
using RabbitMQ.Client.Exceptions;

namespace Sluice.Server.Jobs.RabbitMq;

/// <summary>What goes wrong with a broker that is somewhere else.</summary>
internal static class BrokerFaults
{
    /// <summary>Whether it is the broker or the way there, and no mistake of ours.</summary>
    public static bool Is(Exception e) => e
        is RabbitMQClientException or IOException or SocketException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    /// <summary>In words for an operator, without addresses or secrets.</summary>
    public static string Of(Exception e) => e switch
    {
        BrokerLostException lost => lost.Message,
        BrokerUnreachableException { InnerException: { } inner } => Of(inner),
        AggregateException { InnerExceptions: [var first, ..] } => Of(first),
        AuthenticationFailureException or PossibleAuthenticationFailureException => "It refuses the user or the password (queue.url, queue.password).",
        OperationInterruptedException { ShutdownReason: { ReplyCode: 406 } reason } =>
            $"A queue is there already, made in another way; remove it at the broker, and it is made anew ({reason.ReplyText}).",
        OperationInterruptedException { ShutdownReason: { } reason } => $"It ended the connection: {reason.ReplyText}.",
        TimeoutException => "It confirms nothing; perhaps it has no room left (memory or disk alarm).",
        ConnectFailureException { InnerException: { } inner } => Of(inner),
        SocketException socket => $"It cannot be reached: {socket.Message}.",
        _ => "The connection broke.",
    };
}

/// <summary>A connection ended, for a reason that is known.</summary>
internal sealed class BrokerLostException(string reason) : IOException(reason);
