using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Server.Hosting;

namespace Sluice.Server.Outbound;

/// <summary>
/// By what a server is known that has a certificate of its own making.
/// <code>
///   pin        this very certificate, whatever stands in it
///   authority  any that the certificates of this file vouch for, and that has the server's name
/// </code>
/// Each stands instead of what this machine trusts, not beside it.
/// </summary>
internal sealed class ServerTrust
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1"; // id-kp-serverAuth, RFC 5280 section 4.2.1.12

    private readonly byte[]? _pin;
    private readonly X509Certificate2Collection? _authority;
    private CertificateRefusal? _refusal;

    private ServerTrust(byte[]? pin, X509Certificate2Collection? authority) => (_pin, _authority) = (pin, authority);

    /// <summary>Why the last certificate was refused that was; null when none was.</summary>
    public CertificateRefusal? Refusal => Volatile.Read(ref _refusal);

    /// <summary>Reads what an operator gave; without anything it is what this machine trusts.</summary>
    /// <param name="pin">SHA-256 of the certificate.</param>
    /// <param name="authorityFile">PEM file.</param>
    /// <exception cref="SetupException">It cannot be used.</exception>
    public static ServerTrust Of(string? pin, string? authorityFile)
    {
        if (pin is not null)
        {
            return TryParsePin(pin, out var hash) ? new ServerTrust(hash, null) : throw new SetupException($"'{pin}' is no SHA-256 of a certificate.");
        }

        if (authorityFile is null)
        {
            return new ServerTrust(null, null);
        }

        try
        {
            var authority = new X509Certificate2Collection();
            authority.ImportFromPem(File.ReadAllText(authorityFile));
            return authority.Count > 0 ? new ServerTrust(null, authority) : throw new SetupException($"There is no certificate in {authorityFile}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SetupException($"The certificates in {authorityFile} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Reads a SHA-256 in hexadecimal, with colons or without.</summary>
    public static bool TryParsePin(string text, out byte[] hash)
    {
        var bare = text.Replace(":", "", StringComparison.Ordinal);
        var isOne = bare.Length == 2 * SHA256.HashSizeInBytes && bare.All(char.IsAsciiHexDigit);
        hash = isOne ? Convert.FromHexString(bare) : [];
        return isOne;
    }

    /// <summary>Whether a server that shows this certificate is the one that is meant.</summary>
    public bool Accepts(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        var problem = shown is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)
            ? "The server shows no certificate."
            : Problem(shown, chain, errors);
        if (problem is not null)
        {
            Volatile.Write(ref _refusal, new CertificateRefusal(problem, shown is null ? null : shown.GetCertHashString(HashAlgorithmName.SHA256)));
        }

        return problem is null;
    }

    private string? Problem(X509Certificate shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_pin is not null)
        {
            return CryptographicOperations.FixedTimeEquals(_pin, shown.GetCertHash(HashAlgorithmName.SHA256)) ? null : "The server shows another certificate than the pinned one.";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "The server's certificate is for another name.";
        }

        if (_authority is null)
        {
            return errors == SslPolicyErrors.None ? null : Words(chain);
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authority);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // Whoever makes certificates of his own publishes no list of bad ones.
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ForServers));
        foreach (var between in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            own.ChainPolicy.ExtraStore.Add(between.Certificate);
        }

        using var certificate = X509CertificateLoader.LoadCertificate(shown.GetRawCertData());
        return own.Build(certificate) ? null : Words(own);
    }

    private static string Words(X509Chain? chain) => chain?.ChainStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid) == true
        ? "The server's certificate has expired, or is not valid yet."
        : "The server's certificate is signed by nobody that is trusted here.";
}

/// <summary>Why a certificate was refused.</summary>
/// <param name="Reason">A sentence for a person.</param>
/// <param name="Sha256">Of the certificate, in hexadecimal; null when none was shown.</param>
internal sealed record CertificateRefusal(string Reason, string? Sha256);
