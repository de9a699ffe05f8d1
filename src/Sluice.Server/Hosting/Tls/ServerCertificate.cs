using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Sluice.Server.Hosting.Tls;

/// <summary>
/// The certificate that this server shows, from PEM files.
/// <code>
///   server.certificate ┐
///   server.key         ┴▶ Look ──▶ as it was: nothing
///                                  another pair that fits: connections from now on get it
///                                  one that does not fit: the one before stays
/// </code>
/// </summary>
internal sealed class ServerCertificate
{
    private readonly string _certificateFile;
    private readonly string? _keyFile;
    private byte[] _hash;
    private Shown _shown;

    private ServerCertificate(string certificateFile, string? keyFile)
    {
        (_certificateFile, _keyFile) = (certificateFile, keyFile);
        var (certificate, key) = Read();
        (_hash, _shown) = (HashOf(certificate, key), Parse(certificate, key));
    }

    /// <summary>When the certificate that is shown ends.</summary>
    public DateTimeOffset EndsAt => Volatile.Read(ref _shown).EndsAt;

    /// <summary>The certificate of the configuration; null when there is none, and the server speaks http.</summary>
    /// <exception cref="SetupException">It cannot be used.</exception>
    public static ServerCertificate? Of(ServerOptions server)
    {
        if (server.Certificate is not { } file)
        {
            return server.Key is null ? null : throw new SetupException("server.key is of no use without server.certificate.");
        }

        try
        {
            return new ServerCertificate(file, server.Key);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new SetupException($"The certificate of server.certificate cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Has a listener speak https, and HTTP/2 with whoever can.</summary>
    public void Use(ListenOptions listener) => listener.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(Volatile.Read(ref _shown).Options),
    });

    /// <summary>Takes over what the files hold now.</summary>
    /// <param name="isNew">It is another than before.</param>
    /// <returns>Why it is not taken over, in words for a person; null when all is well.</returns>
    public string? Look(out bool isNew)
    {
        isNew = false;
        try
        {
            var (certificate, key) = Read();
            var hash = HashOf(certificate, key);
            if (!hash.AsSpan().SequenceEqual(_hash))
            {
                Volatile.Write(ref _shown, Parse(certificate, key));
                (_hash, isNew) = (hash, true);
            }

            return null;
        }
        catch (Exception e) when (IsFault(e))
        {
            return e.Message;
        }
    }

    private (string Certificate, string Key) Read()
    {
        var certificate = File.ReadAllText(_certificateFile);
        return (certificate, _keyFile is null ? certificate : File.ReadAllText(_keyFile));
    }

    private static byte[] HashOf(string certificate, string key) =>
        SHA256.HashData([.. Encoding.UTF8.GetBytes(certificate), 0, .. Encoding.UTF8.GetBytes(key)]);

    /// <summary>The first certificate is the server's own; those behind it lead to one that clients know.</summary>
    private static Shown Parse(string certificate, string key)
    {
        var own = X509Certificate2.CreateFromPem(certificate, key);
        if (OperatingSystem.IsWindows())
        {
            // There TLS takes no key that is in memory only.
            own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        }

        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificate);
        var above = new X509Certificate2Collection(all.Skip(1).ToArray());
        return new Shown(
            new DateTimeOffset(own.NotAfter),
            new SslServerAuthenticationOptions
            {
                // Nobody is asked for anything that is missing in between.
                ServerCertificateContext = SslStreamCertificateContext.Create(own, above, offline: true),
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            });
    }

    private static bool IsFault(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private sealed record Shown(DateTimeOffset EndsAt, SslServerAuthenticationOptions Options);
}
