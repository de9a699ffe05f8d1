using System.Net;
using System.Net.Sockets;

namespace Sluice.Server.Cli;

/// <summary>Finds a TCP port to listen on.</summary>
internal static class FreePort
{
    /// <summary>Ports tried after the wanted one. When a hundred in a row are taken, something else is wrong.</summary>
    private const int Tries = 100;

    /// <summary>The wanted port, or the next free one when it is taken and need not be exactly that one.</summary>
    /// <exception cref="CommandException">None is free, or the address is none of this machine.</exception>
    public static int Find(string host, int wanted, bool exact)
    {
        var address = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback : IPAddress.Parse(host);
        if (wanted == 0 || IsFree(address, wanted))
        {
            return wanted;
        }

        if (exact)
        {
            throw new CommandException($"Port {wanted} on {host} is taken by another program.",
                "Stop that program, give another --port, or leave --port away to get the next free one.");
        }

        var last = Math.Min(wanted + Tries, IPEndPoint.MaxPort);
        for (var port = wanted + 1; port <= last; port++)
        {
            if (IsFree(address, port))
            {
                return port;
            }
        }

        throw new CommandException($"Ports {wanted} to {last} on {host} are all taken.", "Give a free one with --port.");
    }

    /// <summary>Whether a listener on this address and port would start.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
        catch (SocketException e)
        {
            throw new CommandException($"This machine cannot listen on {address}: {e.Message}.",
                "server.host must be an address of this machine; 0.0.0.0 stands for all of them.");
        }
    }
}
