using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Server.Tests.Support;

/// <summary>A certificate for this machine that nobody else has signed, as PEM files in a folder of its own.</summary>
internal sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-tls-");

    public TestCertificate(DateTimeOffset? endsAt = null) => Renew(endsAt);

    public string CertificateFile => Path.Combine(_folder.FullName, "fullchain.pem");

    public string KeyFile => Path.Combine(_folder.FullName, "privkey.pem");

    /// <summary>SHA-256 of the one that was made last, in hexadecimal.</summary>
    public string Print { get; private set; } = "";

    /// <summary>Puts another into the files, or into one of them.</summary>
    public void Renew(DateTimeOffset? endsAt = null, bool withKey = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var end = endsAt ?? DateTimeOffset.UtcNow.AddYears(1);
        using var certificate = request.CreateSelfSigned(end.AddYears(-2), end);
        Print = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem() + "\n");
        if (withKey)
        {
            File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        }
    }

    /// <summary>A client that takes this certificate and no other, and speaks this version of HTTP and no other.</summary>
    /// <param name="server">What is asked.</param>
    /// <param name="version">The version of HTTP.</param>
    /// <param name="at">Where that is; where its name says when null.</param>
    public HttpClient Client(Uri server, Version version, Uri? at = null)
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false, UseCookies = false };
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString(HashAlgorithmName.SHA256) == Print,
        };
        if (at is not null)
        {
            handler.ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(at.Host, at.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        return new HttpClient(handler)
        {
            BaseAddress = server,
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
